// Calls of the library that could stand in a routine of a design, with arguments from the names that it sees: what a
// mend may add. Functions that the library calls itself, but for the drivers in its files neighbour.qsm, are its
// plumbing, and left out unless the design calls them or they have the name of a routine of the system, with a capital.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checker/load.h"
#include "checker/mend/asked_names.h"
#include "checker/mend/names.h"
#include "model/types/typed_tree.h"

namespace quiesce::checker {

struct LibraryCall {
  std::string text;  // "wdm.KeCancelTimer(timer)"
  const model::types::FunctionDecl* function = nullptr;
  std::string object;  // what it is about: "hw" of "hw.disable()", "timer" of "wdm.KeCancelTimer(timer)"
  std::vector<std::string> arguments;  // as in the text
  bool is_used = false;                // the design calls the function somewhere
  bool is_asked = false;               // it sets a variable that was asked for
};

/// A lock of the library, or of the language, and how it is taken and given back.
struct LockCalls {
  std::string lock;          // "lock"
  std::string acquire;       // "var old = wdm.KeAcquireSpinLock(lock)"
  std::string release;       // "wdm.KeReleaseSpinLock(lock, old)"
  std::string acquire_call;  // without the variable
  bool is_used = false;      // the design takes some lock in this way
};

class CallMaker {
 public:
  /// At most so many choices of arguments for one function.
  static constexpr std::size_t kMostForOne = 12;

  /// `design` outlives this; `own` is the file that is changed, `used` the names of families that it uses.
  /// `asked`: names in the conditions of broken rules; what sets one of them is marked.
  CallMaker(const LoadedDesign& design, model::FileId own, std::vector<std::string> used,
            const std::vector<std::string>& asked = {});

  std::vector<LibraryCall> calls(const std::vector<TypedName>& names) const;
  std::vector<LockCalls> locks(const std::vector<TypedName>& names) const;

 private:
  bool may_call(const model::types::FunctionDecl& function) const;
  bool is_used(const std::string& name) const;
  bool is_plumbing(const model::types::FunctionDecl& function) const;
  void add(const model::types::FunctionDecl& function, const std::string& callee, const std::string& object,
           const std::vector<TypedName>& names, std::vector<LibraryCall>& calls) const;
  std::vector<std::string> arguments_for(const model::types::VariableDecl& parameter,
                                         const std::vector<TypedName>& names) const;

  const LoadedDesign& design_;
  model::FileId own_;
  std::vector<std::string> used_;
  AskedNames asked_;
};

/// The first sentence of what the library says of the function, without its full stop; else empty.
std::string first_sentence(const std::string& doc);

/// Whether `next`, made right after `call`, takes back what that did, by the words in their names: "hw.disable()" after
/// "hw.enable()". Both are calls as in a text.
bool takes_back(const std::string& call, const std::string& next);

}  // namespace quiesce::checker
