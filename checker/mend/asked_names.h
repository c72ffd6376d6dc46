// What a broken rule asks for: the variables that its condition reads, also through functions, and the functions of the
// library that set one of them. Found in the texts, by names: it decides what is tried first and nothing else. Internal
// to this folder.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checker/load.h"
#include "model/types/typed_tree.h"

namespace quiesce::checker {

class AskedNames {
 public:
  /// `names`: those in the conditions of the broken rules. `design` outlives this.
  AskedNames(const LoadedDesign& design, model::FileId own, const std::vector<std::string>& names);

  /// Whether the function sets one of them, itself or by functions that it calls, up to two calls deep.
  bool are_set_by(const model::types::FunctionDecl& function) const;

 private:
  void add(const LoadedDesign& design, const model::types::FunctionDecl& function);
  bool are_set_in(std::string_view body, int deeper) const;

  std::set<std::string, std::less<>> names_;
  std::map<std::string, std::vector<std::string_view>, std::less<>> bodies_;       // of functions with statements
  std::map<std::string, std::vector<std::string_view>, std::less<>> expressions_;  // of functions that are one
  std::map<const model::types::FunctionDecl*, std::string_view> body_of_;
};

/// From the first "{" behind `begin` up to the "}" that closes it; empty when there is none. O(length).
std::string_view body_at(std::string_view text, std::size_t begin);

/// Names of variables and functions in a text: words that begin with a small letter, without those that something of is
/// asked for ("a" of "a.b"). Each once.
std::vector<std::string> names_in_text(std::string_view text);

}  // namespace quiesce::checker
