// The subcommands of `quiesce`: one function each, that declares its options once (help, parsing and defaults follow
// from that) and says what to run. Nothing here decides anything that a user of the library would miss.
#pragma once

#include <functional>
#include <string>

#include "cli/exit_code.h"

namespace CLI {
class App;
}

namespace quiesce::cli {

/// What a subcommand shall do once all options are parsed.
using Action = std::function<ExitCode()>;

/// Each adds one subcommand to `app`; when that is given on the command line, `action` is set.
void add_check(CLI::App& app, Action& action);
void add_test(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_simulate(CLI::App& app, Action& action);
void add_graph(CLI::App& app, Action& action);
void add_fmt(CLI::App& app, Action& action);
void add_show(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_merge(CLI::App& app, Action& action);
void add_mend(CLI::App& app, Action& action);
void add_mutate(CLI::App& app, Action& action);
void add_prove(CLI::App& app, Action& action);
void add_lint(CLI::App& app, Action& action);
void add_recheck(CLI::App& app, Action& action);
void add_rules(CLI::App& app, Action& action);
void add_doc(CLI::App& app, Action& action);
void add_learn(CLI::App& app, Action& action);

}  // namespace quiesce::cli
