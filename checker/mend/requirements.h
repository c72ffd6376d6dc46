// What the library requires of its callers where a rule was broken, in the words of a call: the condition of
// `require wdm.connect_once: intr.state == Disconnected` becomes `nic.intr.state == Disconnected` before
// `wdm.IoConnectInterruptEx(nic.intr)`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checker/load.h"
#include "model/base/source.h"
#include "model/types/typed_tree.h"

namespace quiesce::checker {

/// A call as a design writes it.
struct WrittenCall {
  struct Argument {
    std::string name;  // empty: by position
    std::string text;
  };
  std::string callee;  // "wdm.IoConnectInterruptEx", "hw.enable"
  std::vector<Argument> arguments;
};

/// A condition that must hold where a function of the library is called, in the names that the function sees.
struct Requirement {
  const model::types::FunctionDecl* function = nullptr;
  std::string condition;
};

class Requirements {
 public:
  /// `conditions`: where what runs broke stands. `require` statements in bodies of functions of the library count, for these
  /// functions and for functions of the library that call them, two calls deep. `design` outlives this; `own` is the file
  /// that is changed. O(length of all texts), nothing when `conditions` is empty.
  Requirements(const LoadedDesign& design, model::FileId own, const std::vector<model::Span>& conditions);

  /// What must hold before `call`, each condition once. Good enough to propose: the names in it are replaced word by word,
  /// and what the language refuses after all is to be dropped.
  std::vector<std::string> of(const WrittenCall& call) const;

 private:
  void add_callers(const LoadedDesign& design, model::FileId own);

  const LoadedDesign& design_;
  std::vector<Requirement> requirements_;
};

}  // namespace quiesce::checker
