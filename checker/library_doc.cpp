#include "checker/library_doc.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <variant>

#include "model/base/diagnostic.h"
#include "model/base/source.h"
#include "model/base/word.h"
#include "model/syntax/parser.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// The text on one line, without what stands behind '//'.
std::string one_line(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "//") {
      while (i < text.size() && text[i] != '\n') ++i;
    }
    const bool blank = i >= text.size() || std::isspace(static_cast<unsigned char>(text[i])) != 0;
    if (!blank) result += text[i];
    if (blank && !result.empty() && result.back() != ' ' && result.back() != '(') result += ' ';
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

/// The part of a declaration before its body: up to a '{' or '=' outside of parentheses.
std::string head_of(std::string_view text) {
  int depth = 0;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (text[end] == '(') ++depth;
    if (text[end] == ')') --depth;
    if (depth == 0 && (text[end] == '{' || text[end] == '=')) break;
  }
  return one_line(text.substr(0, end));
}

class Reader {
 public:
  Reader(const SourceMap& sources, const syntax::File& file, DocModule& module)
      : sources_(sources), file_(file), module_(module) {}

  void read() {
    for (const syntax::Declaration& declaration : file_.declarations) {
      DocItem item;
      item.doc = declaration.doc;
      const std::string_view text = sources_.text(declaration.span);
      item.signature = head_of(text);
      item.source = with_doc(declaration.doc, text);
      const bool shown = std::visit([&](const auto& node) { return describe(node, text, item); }, declaration.kind);
      if (!shown) continue;
      add_rules(text, item);
      module_.items.push_back(std::move(item));
    }
  }

 private:
  static std::string with_doc(const std::string& doc, std::string_view text) {
    std::string result;
    for (std::size_t begin = 0; begin < doc.size();) {
      const std::size_t end = std::min(doc.find('\n', begin), doc.size());
      result += "/// " + doc.substr(begin, end - begin) + "\n";
      begin = end + 1;
    }
    return result + std::string(text) + "\n";
  }

  std::string qualified(const std::string& name) const { return module_.family + "." + name; }

  /// 'require NAME:' and 'violate NAME' of the text.
  void add_rules(std::string_view text, DocItem& item) const {
    for (const std::string_view word : {"require ", "violate "}) {
      for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t begin = at + word.size();
        std::size_t end = begin;
        while (end < text.size() && (is_part_of_word(text[end]) || text[end] == '.')) {
          ++end;
        }
        std::string name(text.substr(begin, end - begin));
        const bool in_words = at > 0 && text[at - 1] != ' ' && text[at - 1] != '\n';
        if (name.find('.') == std::string::npos || in_words) continue;
        if (std::find(item.requires_.begin(), item.requires_.end(), name) == item.requires_.end()) {
          item.requires_.push_back(std::move(name));
        }
      }
    }
  }

  void add_members(const std::vector<syntax::MemberPtr>& members, DocItem& item) {
    for (const syntax::MemberPtr& member : members) {
      const std::string_view text = sources_.text(member->span);
      if (const auto* function = std::get_if<syntax::Function>(&member->kind)) {
        item.parts.push_back({function->name.text, head_of(text), member->doc});
      } else if (const auto* variable = std::get_if<syntax::Variable>(&member->kind)) {
        if (!member->doc.empty()) item.parts.push_back({variable->name.text, one_line(text), member->doc});
      } else if (const auto* group = std::get_if<syntax::ConditionalMembers>(&member->kind)) {
        add_members(group->then, item);
        add_members(group->otherwise, item);
      }
    }
  }

  bool describe(const syntax::Machine& node, std::string_view, DocItem& item) {
    item.kind = DocItem::Kind::Machine;
    item.name = qualified(node.name.text);
    add_members(node.members, item);
    return true;
  }
  bool describe(const syntax::System& node, std::string_view, DocItem& item) {
    item.kind = DocItem::Kind::System;
    item.name = qualified(node.name.text);
    add_members(node.members, item);
    return true;
  }
  bool describe(const syntax::Interface& node, std::string_view, DocItem& item) {
    item.kind = DocItem::Kind::Interface;
    item.name = qualified(node.name.text);
    for (const syntax::InterfaceFunction& function : node.functions) {
      const std::string_view text = sources_.text(function.span);
      const bool has_default = function.function.block || function.function.expression;
      item.parts.push_back(
          {function.function.name.text, head_of(text) + (has_default ? " (may be left out)" : ""), function.doc});
    }
    return true;
  }
  bool describe(const syntax::Function& node, std::string_view, DocItem& item) {
    item.kind = DocItem::Kind::Function;
    item.name = qualified(node.name.text);
    return true;
  }
  bool describe(const syntax::Enum& node, std::string_view, DocItem& item) {
    item.kind = DocItem::Kind::Enum;
    item.name = qualified(node.name.text);
    item.signature = "enum " + node.name.text;
    for (const syntax::Enumerator& value : node.values) {
      item.parts.push_back({value.name.text, value.name.text, value.doc});
    }
    return true;
  }
  bool describe(const syntax::Levels& node, std::string_view, DocItem& item) {
    item.kind = DocItem::Kind::Levels;
    item.name = qualified("levels");
    item.signature = "levels";
    for (const syntax::NamedLevel& level : node.levels) {
      item.parts.push_back({level.name.text, (level.is_pin ? "pin " : "") + level.name.text, level.doc});
    }
    return true;
  }
  bool describe(const syntax::Struct& node, std::string_view, DocItem& item) {
    item.kind = DocItem::Kind::Struct;
    item.name = qualified(node.name.text);
    for (const syntax::Field& field : node.fields) {
      item.parts.push_back({field.name.text, one_line(sources_.text(field.span)), field.doc});
    }
    return true;
  }
  bool describe(const syntax::ModuleParameter& node, std::string_view text, DocItem& item) {
    item.kind = DocItem::Kind::Parameter;
    item.name = qualified(node.name.text);
    item.signature = one_line(text);
    return true;
  }
  bool describe(const syntax::Constant& node, std::string_view text, DocItem& item) {
    item.kind = DocItem::Kind::Constant;
    item.name = qualified(node.name.text);
    item.signature = one_line(text);
    return true;
  }
  bool describe(const syntax::Rule& node, std::string_view, DocItem& item) {
    item.kind = DocItem::Kind::Rule;
    item.name = node.name.text();
    if (item.name.find('.') == std::string::npos) item.name = qualified(item.name);
    item.signature = "rule " + item.name;
    if (node.title) item.title = node.title->text;
    if (node.because) item.because = node.because->text;
    for (const syntax::Citation& citation : node.citations) {
      std::string joined;
      for (const syntax::StringLiteral& part : citation.parts) joined += (joined.empty() ? "" : ", ") + part.text;
      item.citations.push_back(std::move(joined));
    }
    return true;
  }
  bool describe(const syntax::Check&, std::string_view, DocItem&) { return false; }
  bool describe(const syntax::Settings&, std::string_view, DocItem&) { return false; }

  const SourceMap& sources_;
  const syntax::File& file_;
  DocModule& module_;
};

std::string stem_of(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.find('.'));
}

}  // namespace

std::vector<DocModule> library_doc(const std::vector<DocText>& texts) {
  std::vector<DocModule> modules;
  for (const DocText& text : texts) {
    SourceMap sources;
    Diagnostics diagnostics;
    const FileId id = sources.add(text.path, std::string(text.text));
    const std::unique_ptr<syntax::File> file = syntax::parse(id, sources, diagnostics);
    DocModule module;
    module.name = file->module ? file->module->text() : stem_of(text.path);
    module.family = module.name.substr(0, module.name.find('.'));
    module.doc = file->doc;
    module.built_in = text.built_in;
    Reader(sources, *file, module).read();
    modules.push_back(std::move(module));
  }
  return modules;
}

}  // namespace quiesce::checker
