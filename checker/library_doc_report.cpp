#include "checker/library_doc_report.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "checker/report/document_link.h"
#include "checker/report/layout.h"

namespace quiesce::checker {

namespace {

/// The first sentence of a documentation, on one line.
std::string first_sentence(const std::string& doc) {
  std::string text;
  for (const char c : doc) text += c == '\n' ? ' ' : c;
  for (std::size_t at = text.find(". "); at != std::string::npos; at = text.find(". ", at + 1)) {
    return text.substr(0, at + 1);
  }
  return text;
}

std::string in_one_line(const std::string& doc) {
  std::string text;
  for (const char c : doc) text += c == '\n' ? ' ' : c;
  return text;
}

const char* heading_of(DocItem::Kind kind) {
  switch (kind) {
    case DocItem::Kind::Machine:
      return "Machines";
    case DocItem::Kind::Interface:
      return "Interfaces";
    case DocItem::Kind::Function:
      return "Functions";
    case DocItem::Kind::Levels:
      return "Levels";
    case DocItem::Kind::Enum:
      return "Enums";
    case DocItem::Kind::Struct:
      return "Structs";
    case DocItem::Kind::Parameter:
      return "Parameters";
    case DocItem::Kind::Constant:
      return "Constants";
    case DocItem::Kind::Rule:
      return "Rules";
    case DocItem::Kind::System:
      return "Systems";
  }
  return "";
}

constexpr DocItem::Kind kOrder[] = {DocItem::Kind::Levels,  DocItem::Kind::Parameter, DocItem::Kind::Constant,
                                    DocItem::Kind::Enum,    DocItem::Kind::Struct,    DocItem::Kind::Interface,
                                    DocItem::Kind::Machine, DocItem::Kind::Function,  DocItem::Kind::System,
                                    DocItem::Kind::Rule};

/// Whether it is a list of names, which are shown on one line.
bool is_list_of_names(const DocItem& item) {
  return item.kind == DocItem::Kind::Enum || item.kind == DocItem::Kind::Levels;
}

/// What a list says of it behind its signature.
std::string summary_of(const DocItem& item) {
  return item.kind == DocItem::Kind::Rule ? item.title : first_sentence(item.doc);
}

std::string values_of(const DocItem& item) {
  std::string text;
  for (const DocPart& part : item.parts) text += (text.empty() ? "" : ", ") + part.name;
  return text;
}

std::string lowered(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// ------------------------------------------------------------------------------------------------- for a terminal

std::string item_lines(const DocItem& item, const DocOptions& options) {
  std::string text = "  " + inked(item.signature, Ink::Bold, options.colour) + "\n";
  if (const std::string summary = summary_of(item); !summary.empty()) text += wrapped(summary, 6, options.width);
  return text;
}

std::string module_text(const DocModule& module, const DocOptions& options) {
  std::string text = inked("module " + module.name, Ink::Bold, options.colour) + "\n";
  if (!module.doc.empty()) text += wrapped(in_one_line(module.doc), 2, options.width);
  for (const DocItem& item : module.items) text += "\n" + item_lines(item, options);
  return text;
}

std::string rule_lines(const DocItem& item, bool built_in, const DocOptions& options) {
  std::string text = wrapped(item.title, 2, options.width);
  if (!item.because.empty()) text += wrapped("Because: " + item.because, 2, options.width);
  for (const std::string& citation : item.citations) {
    text += wrapped("Source: " + citation, 2, options.width);
    if (const std::string link = document_link(citation); !link.empty()) text += "  " + link + "\n";
  }
  if (!built_in) return text;  // 'quiesce rules' knows the built-in library only
  return text + fmt::format("\n  'quiesce rules {}' names the designs that break and keep it\n", item.name);
}

std::string item_text(const DocModule& module, const DocItem& item, const DocOptions& options) {
  if (options.source) return item.source;
  std::string text = fmt::format("{}  (module {})\n", inked(item.signature, Ink::Bold, options.colour), module.name);
  if (item.kind == DocItem::Kind::Rule) return text + rule_lines(item, module.built_in, options);
  if (!item.doc.empty()) text += wrapped(in_one_line(item.doc), 2, options.width);
  for (const DocPart& part : item.parts) {
    text += "\n  " + part.signature + "\n";
    if (!part.doc.empty()) text += wrapped(in_one_line(part.doc), 6, options.width);
  }
  if (!item.requires_.empty()) {
    text += "\n  Rules that it asks for:\n";
    for (const std::string& rule : item.requires_) text += "    " + rule + "\n";
  }
  return text;
}

// ----------------------------------------------------------------------------------------------------- for a page

std::string item_markdown(const DocItem& item) {
  std::string text;
  if (is_list_of_names(item)) {
    text += fmt::format("- `{}`: {}.", item.signature, values_of(item));
  } else {
    text += fmt::format("- `{}`", item.signature);
  }
  if (!item.doc.empty()) text += (is_list_of_names(item) ? " " : ": ") + in_one_line(item.doc);
  text += "\n";
  if (is_list_of_names(item)) return text;
  for (const DocPart& part : item.parts) {
    text += fmt::format("  - `{}`{}\n", part.signature, part.doc.empty() ? "" : ": " + in_one_line(part.doc));
  }
  return text;
}

std::string rule_markdown_line(const DocItem& item) {
  std::string text = fmt::format("- `{}`: {}.", item.name, item.title);
  for (const std::string& citation : item.citations) {
    const std::string link = document_link(citation);
    text += link.empty() ? fmt::format(" ({})", citation) : fmt::format(" ([{}]({}))", citation, link);
  }
  return text + "\n";
}

}  // namespace

std::string doc_overview(const std::vector<DocModule>& modules, const DocOptions& options) {
  std::size_t width = 0;
  for (const DocModule& module : modules) width = std::max(width, columns(module.name));
  std::string text, family;
  for (const DocModule& module : modules) {
    if (module.family != family) text += text.empty() ? "" : "\n";
    family = module.family;
    text += fmt::format("{}  {}\n", inked(padded(module.name, width), Ink::Bold, options.colour),
                        first_sentence(module.doc));
  }
  return text +
         "\n'quiesce doc NAME' shows a family ('wdm'), a module ('wdm.line') or anything declared ('wdm.Line')\n";
}

std::optional<std::string> doc_of(const std::vector<DocModule>& modules, const std::string& name,
                                  const DocOptions& options) {
  std::string found;
  const auto add = [&](std::string text) { found += (found.empty() ? "" : "\n") + std::move(text); };
  for (const DocModule& module : modules) {
    if (module.family == name || module.name == name) add(module_text(module, options));
  }
  if (!found.empty()) return found;
  for (const bool exact : {true, false}) {
    for (const DocModule& module : modules) {
      for (const DocItem& item : module.items) {
        const std::string own = item.name.substr(item.name.find('.') + 1);
        const bool is_it =
            exact ? item.name == name : lowered(own) == lowered(name) || lowered(item.name) == lowered(name);
        if (is_it) add(item_text(module, item, options));
        for (const DocPart& part : item.parts) {
          if (!exact || item.name + "." + part.name != name) continue;
          add(part.signature + "  (" + item.name + ")\n" +
              (part.doc.empty() ? "" : wrapped(in_one_line(part.doc), 2, options.width)));
        }
      }
    }
    if (!found.empty()) return found;
  }
  return std::nullopt;
}

std::vector<std::string> doc_names(const std::vector<DocModule>& modules) {
  std::vector<std::string> names;
  for (const DocModule& module : modules) {
    names.push_back(module.name);
    if (std::find(names.begin(), names.end(), module.family) == names.end()) names.push_back(module.family);
    for (const DocItem& item : module.items) {
      names.push_back(item.name);
      names.push_back(item.name.substr(item.name.find('.') + 1));
    }
  }
  return names;
}

std::string doc_markdown(const std::vector<DocModule>& modules) {
  std::string text =
      "# What the library offers\n"
      "\n"
      "Every module of the library with what it declares, as its text says. `quiesce doc NAME` prints the same of one "
      "thing, with the rules that it asks\n"
      "for, and `--source` its text; `quiesce rules NAME` explains a rule ([rules.md](rules.md)).\n"
      "\n"
      "<!-- Generated by 'quiesce doc --format markdown'. Do not edit. -->\n";
  std::string family;
  for (const DocModule& module : modules) {
    if (module.family != family) {
      family = module.family;
      text += fmt::format("\n## {0}\n", family);
      if (module.built_in) {
        text += fmt::format("\nWith what it leaves out: [specs/{0}/README.md](../specs/{0}/README.md).\n", family);
      }
    }
    text += fmt::format("\n### {}\n", module.name);
    if (!module.doc.empty()) text += "\n" + in_one_line(module.doc) + "\n";
    for (const DocItem::Kind kind : kOrder) {
      std::string items;
      for (const DocItem& item : module.items) {
        if (item.kind == kind) items += kind == DocItem::Kind::Rule ? rule_markdown_line(item) : item_markdown(item);
      }
      if (!items.empty()) text += fmt::format("\n{}:\n\n{}", heading_of(kind), items);
    }
  }
  return text;
}

}  // namespace quiesce::checker
