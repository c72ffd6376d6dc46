// `quiesce mend PATH...`: mends of the broken designs below some folders, as a table.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/check_all.h"
#include "checker/files.h"
#include "checker/mend/mend_file.h"
#include "checker/mend/mend_rows.h"
#include "checker/mend/mend_table.h"
#include "cli/amounts.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/document.h"
#include "cli/search_flags.h"
#include "cli/whole_number.h"
#include "model/base/internal_check.h"

namespace quiesce::cli {

namespace {

struct MendFlags {
  std::vector<std::string> paths;
  std::string library_directory;
  std::optional<std::chrono::milliseconds> time;
  std::optional<unsigned> require;
  std::string update_docs;
  std::string rows;
  std::size_t changes = 0;
  std::uint64_t states = 0;
  bool all = false;
};

checker::MendOptions options_of(const MendFlags& flags, const std::atomic<bool>& interrupted) {
  checker::MendOptions options;
  options.most = 1;
  options.own_rules = false;
  options.checks = flags.all ? 0 : 1;
  options.most_changes = flags.changes;
  options.most_states = flags.states;
  if (flags.changes == 0 && flags.states == 0) options.time = flags.time.value_or(checker::kMendTime);
  options.interrupt = &interrupted;
  return options;
}

/// The mends of one design, as rows. A check is searched whole first, for as long as its mends are looked for.
std::vector<checker::MendRow> rows_of(const std::string& path, const MendFlags& flags, checker::MendRows& known,
                                      const std::atomic<bool>& interrupted) {
  const auto text = checker::read_text(path);
  if (!text) return {};
  checker::LoadOptions load;
  load.library_directory = flags.library_directory;
  load.check_systems_without_check = false;
  load.interrupt = &interrupted;
  const auto design = checker::load_design(path, *text, load);
  if (!design->ok() || design->checks.empty()) return {};
  const checker::MendOptions options = options_of(flags, interrupted);
  const std::string key = checker::mend_key(*design, options);
  if (const std::vector<checker::MendRow>* rows = known.find(key); rows != nullptr) return *rows;
  checker::CheckOptions search;
  search.search.partial_order = true;
  search.search.interrupt = &interrupted;
  if (flags.states != 0)
    search.search.limits.states = flags.states;
  else
    search.search.limits.time = flags.time.value_or(checker::kMendTime);
  std::vector<checker::CheckOutcome> outcomes;
  for (const checker::LoadedCheck& check : design->checks) {
    auto checked = checker::check_all(check.cases, search, {});
    QUIESCE_CHECK(checked.has_value()) << checked.error();  // no file is used that could be wrong
    outcomes.push_back(std::move(checked->outcome));
  }
  std::vector<checker::MendRow> rows;
  for (const checker::CheckMends& mends : checker::find_mends_of_file(*design, outcomes, load, search, options))
    rows.push_back(checker::mend_row(*design, mends));
  if (interrupted) return rows;
  if (const auto kept = known.add(key, rows); !kept) report_warning(kept.error());
  return rows;
}

ExitCode run(const MendFlags& flags) {
  const std::atomic<bool>& interrupted = catch_interrupts();
  const auto files = checker::expand_directories(flags.paths);
  if (!files) {
    report_error(files.error());
    return ExitCode::WrongInput;
  }
  checker::MendRows known(flags.rows);
  std::vector<checker::MendRow> rows;
  for (const std::string& file : *files) {
    for (checker::MendRow& row : rows_of(file, flags, known, interrupted)) {
      print(checker::mend_line(row) + "\n");
      rows.push_back(std::move(row));
    }
    if (interrupted) return ExitCode::Undecided;
  }
  const checker::MendScore score = checker::mend_score(rows);
  print("\n" + checker::mend_summary(score) + "\n");
  ExitCode code = ExitCode::AllHold;
  if (!flags.update_docs.empty()) {
    const auto done = update_document(flags.update_docs, "mends", checker::mend_markdown(rows));
    if (!done) report_error(done.error());
    if (!done) code = ExitCode::WrongInput;
  }
  return flags.require && score.percent() < *flags.require ? worse(code, ExitCode::Violated) : code;
}

}  // namespace

void add_mend(CLI::App& app, Action& action) {
  auto flags = std::make_shared<MendFlags>();
  CLI::App* command =
      app.add_subcommand("mend", "small changes that mend the broken designs below folders, as a table");
  command->add_option("PATH", flags->paths, "designs and folders of designs")->required()->type_name("");
  add_library(*command, flags->library_directory);
  add_time(*command, flags->time, "look for a mend of each check for so long (default: 60s)");
  command->add_option("--changes", flags->changes, "try so many changes of each check, however long it takes")
      ->type_name("N")
      ->check(from_one());
  command
      ->add_option_function<std::string>(
          "--states",
          [flags](const std::string& text) {
            const auto states = parse_count(text);
            if (!states || *states == 0) {
              throw CLI::ValidationError("--states",
                                         fmt::format("'{}' is not a number of states such as 5000 or 10M", text));
            }
            flags->states = *states;
          },
          "search so many states for each check, however long it takes: a change counts for 2,000 and what its "
          "searches "
          "have")
      ->type_name("N");
  command->add_option("--rows", flags->rows, "keep the rows of each design in FILE, and take from it those it has")
      ->type_name("FILE");
  command->add_flag("--all", flags->all, "every broken check of a design, not only its first");
  command->add_option("--require", flags->require, "fail when fewer checks have a mend")->type_name("PERCENT");
  command->add_option("--update-docs", flags->update_docs, "write the table into FILE, between its marks")
      ->type_name("FILE");
  command->footer(
      "Exit code: 0 done, 1 fewer mends than --require asks for, 2 a text is wrong, 3 interrupted.\n"
      "Example:   quiesce mend specs/wdm/designs");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
