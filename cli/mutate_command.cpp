// `quiesce mutate PATH...`: changes the conditions of modules, one at a time, and says which changes no design notices.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "checker/mutation/campaign.h"
#include "checker/mutation/reasons.h"
#include "checker/mutation/score.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/document.h"
#include "cli/search_flags.h"

namespace quiesce::cli {

using model::Expected;
using model::unexpected;

namespace {

struct MutateFlags {
  std::vector<std::string> paths;
  checker::CampaignOptions campaign;
  std::string reasons;
  std::optional<unsigned> require;
  std::string update_docs;
  bool all = false;
};

/// The files below the paths with their texts.
Expected<std::vector<checker::NamedText>> read_files(const std::vector<std::string>& paths) {
  const auto files = checker::expand_directories(paths);
  if (!files) return unexpected(files.error());
  std::vector<checker::NamedText> texts;
  for (const std::string& file : *files) {
    auto text = checker::read_text(file);
    if (!text) return unexpected(text.error());
    texts.push_back({file, std::move(*text)});
  }
  return texts;
}

Expected<std::vector<checker::Explanation>> read_reasons(const std::string& path) {
  if (path.empty()) return {};
  const auto text = checker::read_text(path);
  if (!text) return unexpected(text.error());
  return checker::parse_reasons(*text).map_error(
      [&](const std::string& why) { return fmt::format("'{}', {}", path, why); });
}

/// A line on a terminal, drawn anew; elsewhere a line now and then.
void show_progress(std::size_t done, std::size_t all) {
  constexpr std::size_t kNowAndThen = 100;
  if (isatty(STDERR_FILENO) != 0) {
    print_error(done == all ? "\r\x1b[K" : fmt::format("\r\x1b[K{} of {} mutants", done, all));
  } else if (done % kNowAndThen == 0) {
    print_error(fmt::format("{} of {} mutants\n", done, all));
  }
}

ExitCode code_of(const MutateFlags& flags, const checker::Campaign& campaign, const checker::Score& score) {
  if (campaign.interrupted) return ExitCode::Undecided;
  if (!flags.require) return ExitCode::AllHold;
  const bool enough = score.all.permille() >= 10 * *flags.require;
  if (!enough) report_error(fmt::format("fewer than {} % of the mutants are noticed", *flags.require));
  if (score.all.unexplained > 0) report_error("some mutants are neither noticed nor explained");
  if (!score.unneeded.empty()) report_error("some reasons are not needed any more");
  return enough && score.all.unexplained == 0 && score.unneeded.empty() ? ExitCode::AllHold : ExitCode::Violated;
}

ExitCode run(const MutateFlags& flags) {
  const auto files = read_files(flags.paths);
  const auto reasons = read_reasons(flags.reasons);
  if (!files) report_error(files.error());
  if (!reasons) report_error(reasons.error());
  if (!files || !reasons) return ExitCode::WrongInput;
  checker::CampaignOptions options = flags.campaign;
  options.interrupt = &catch_interrupts();
  options.progress = show_progress;
  const checker::Campaign campaign = checker::run_campaign(*files, options);
  for (const std::string& problem : campaign.problems) report_error(problem);
  if (!campaign.problems.empty()) return ExitCode::WrongInput;
  const bool whole = options.only.empty() && campaign.tried.size() == campaign.mutants && !campaign.interrupted;
  const checker::Score score = checker::score_of(campaign, *reasons, whole);
  if (flags.all) print(checker::mutants_text(campaign) + "\n");
  print(checker::score_text(campaign, score));
  if (!flags.update_docs.empty()) {
    if (!whole || !options.module.empty()) {
      report_error("a document gets the score of all mutants: leave out --module, --only and --sample");
      return ExitCode::WrongInput;
    }
    if (const auto done = update_document(flags.update_docs, "score", checker::score_markdown(campaign, score));
        !done) {
      report_error(done.error());
      return ExitCode::WrongInput;
    }
  }
  return code_of(flags, campaign, score);
}

}  // namespace

void add_mutate(CLI::App& app, Action& action) {
  auto flags = std::make_shared<MutateFlags>();
  CLI::App* command = app.add_subcommand("mutate", "change conditions of modules and see which designs notice");
  command->add_option("PATH", flags->paths, "modules and designs, or folders: all .qsm files below")
      ->required()
      ->type_name("");
  command->add_option("--module", flags->campaign.module, "change only this module or family")->type_name("NAME");
  command->add_option("--only", flags->campaign.only, "change only what has TEXT in its rule, place or condition")
      ->type_name("TEXT");
  command->add_option("--sample", flags->campaign.sample, "try only N of the changes")->type_name("N");
  command->add_option("--seed", flags->campaign.seed, "which ones")->type_name("N");
  command->add_option("--jobs", flags->campaign.jobs, "changes tried at once; all cores by default")->type_name("N");
  command->add_option("--reasons", flags->reasons, "a file that says why some changes are not noticed")
      ->type_name("FILE");
  command
      ->add_option("--require", flags->require,
                   "fail when fewer percent are noticed, or one is neither noticed nor explained")
      ->check(CLI::Range(0, 100))
      ->type_name("N");
  command->add_flag("--all", flags->all, "list every change, with the design that notices it");
  command->add_option("--update-docs", flags->update_docs, "write the score into this document")->type_name("FILE");
  add_library(*command, flags->campaign.library_directory);
  command->footer(
      "A design notices a change when a check is not as it expects any more. docs/mutation.md says what is changed.\n"
      "Exit code: 0 done, 1 --require failed, 2 a text is wrong, 3 interrupted.\n"
      "Example:   quiesce mutate my_family --library .");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
