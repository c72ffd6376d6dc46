// `quiesce doc [NAME]`: what the library, or modules of one's own, offer.
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "checker/library_doc_report.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/search_flags.h"
#include "model/base/diagnostic.h"
#include "model/base/library.h"

namespace quiesce::cli {

namespace {

struct DocFlags {
  std::vector<std::string> names;  // those that end in ".qsm", and folders, are texts to be read
  std::string format = "text";     // or markdown
  std::string library_directory;
  bool source = false;
  bool no_color = false;
};

bool is_designs(const std::string& path) { return path.find("/designs/") != std::string::npos; }

/// Texts that stay where they are while their documentation is read.
struct Texts {
  std::vector<std::unique_ptr<std::string>> owned;
  std::vector<checker::DocText> all;

  void add(const std::string& path, std::string text, bool of_library) {
    owned.push_back(std::make_unique<std::string>(std::move(text)));
    all.push_back({path, *owned.back(), of_library});
  }
};

/// Adds all texts below these paths, of a library without its designs. False after an error, which is reported.
bool read_texts(const std::vector<std::string>& paths, bool of_library, Texts& texts) {
  const auto files = checker::expand_directories(paths);
  if (!files) {
    report_error(files.error());
    return false;
  }
  for (const std::string& file : *files) {
    if (of_library && is_designs(file)) continue;
    auto text = checker::read_text(file);
    if (!text) {
      report_error(text.error());
      return false;
    }
    texts.add(file, std::move(*text), of_library);
  }
  return true;
}

ExitCode run(const DocFlags& flags) {
  std::vector<std::string> files, names;
  for (const std::string& name : flags.names) {
    std::error_code ignored;
    const bool text = name.ends_with(".qsm") || (name.find('/') != std::string::npos) || name == "." ||
                      std::filesystem::is_directory(name, ignored);
    (text ? files : names).push_back(name);
  }
  Texts texts;
  if (!read_texts(files, false, texts)) return ExitCode::WrongInput;
  const std::vector<checker::DocModule> own = checker::library_doc(texts.all);
  if (!flags.library_directory.empty() && !read_texts({flags.library_directory}, true, texts)) {
    return ExitCode::WrongInput;
  }
  std::set<std::string> added;
  for (const checker::DocModule& module : checker::library_doc(texts.all)) added.insert(module.family);
  for (const model::LibraryFile& file : model::embedded_library()) {
    const std::string path(file.path);
    if (is_designs(path) || added.contains(path.substr(0, path.find('/')))) continue;
    texts.all.push_back({std::string(file.path), file.text, true});
  }
  const std::vector<checker::DocModule> all = checker::library_doc(texts.all);
  const std::vector<checker::DocModule>& shown = own.empty() ? all : own;
  const checker::DocOptions options{report_width(), colour_wanted(flags.no_color), flags.source};
  if (flags.format == "markdown") {
    print(checker::doc_markdown(shown));
    return ExitCode::AllHold;
  }
  if (names.empty() && own.empty()) print(checker::doc_overview(all, options));
  std::string text;
  if (names.empty()) {
    for (const checker::DocModule& module : own) {
      text += (text.empty() ? "" : "\n") + *checker::doc_of({module}, module.name, options);
    }
  }
  for (const std::string& name : names) {
    const auto found = checker::doc_of(all, name, options);
    if (!found) {
      const auto near = model::nearest_name(name, checker::doc_names(all));
      report_error(
          fmt::format("nothing is named '{}'{}", name,
                      near ? fmt::format("; did you mean '{}'?", *near) : "; 'quiesce doc' lists the modules"));
      return ExitCode::WrongInput;
    }
    text += (text.empty() ? "" : "\n") + *found;
  }
  print(text);
  return ExitCode::AllHold;
}

}  // namespace

void add_doc(CLI::App& app, Action& action) {
  auto flags = std::make_shared<DocFlags>();
  CLI::App* command = app.add_subcommand("doc", "what the library offers: modules, machines, functions, parameters");
  command->add_option("NAME", flags->names, "a family, a module, or anything declared; a file or folder of your own")
      ->type_name("");
  command->add_flag("--source", flags->source, "the text of what is named");
  command->add_option("--format", flags->format, "text (the default) or markdown")
      ->check(CLI::IsMember({"text", "markdown"}))
      ->type_name("NAME");
  add_library(*command, flags->library_directory);
  add_no_color(*command, flags->no_color);
  command->footer(
      "Example:   quiesce doc wdm              the family wdm\n"
      "           quiesce doc wdm.Line         one machine, with its functions and the rules that it asks for\n"
      "           quiesce doc my_driver.qsm    what a text of your own declares\n"
      "           quiesce doc --format markdown   everything, as in docs/library.md");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
