// A transition system for another model checker, as text with one rule a step or as bits (docs/export.md): a second
// opinion.
#pragma once

#include <string>

#include "model/base/expected.h"
#include "model/base/source.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

enum class ExportLanguage { Promela, Murphi, Aiger, Btor2, SmtLib2 };

struct ExportOptions {
  ExportLanguage language = ExportLanguage::Promela;
  bool count = false;                         // without properties and assertions: for comparing numbers of states
  const model::SourceMap* sources = nullptr;  // names places in the text; null leaves them out
  std::string origin;                         // for the head of the text: what was exported, and how
};

/// The text, which has as many reachable states as `system` has in our sense (docs/semantics.md, 7.1; core.stuck ends
/// no run in it). Aiger, Btor2 and SmtLib2 have no renamings, so they have more, and Aiger is binary; `count` leaves
/// out what breaks core rules.
/// Nothing when the system has too many steps to be written out. Asks for patience
/// (model/base/patience.h).
model::Expected<std::string> export_system(const model::TransitionSystem& system, const ExportOptions& options);

/// The rules about infinite runs of `system` as never claims beside its steps, in Promela (docs/export.md, Infinite
/// runs):
/// SPIN finds an acceptance cycle of a claim exactly where a fair run breaks the rule, but that core.stuck ends no run.
/// `system`: as infinite runs are searched on (CheckCase::infinite). `options`: language and count are not looked at.
/// Errors and patience as above.
model::Expected<std::string> export_infinite_runs(const model::TransitionSystem& system, const ExportOptions& options);

}  // namespace quiesce::checker
