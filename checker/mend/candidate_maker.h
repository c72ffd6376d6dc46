// Makes the candidates of one routine of a design. Internal to this folder: candidates.h.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "checker/mend/candidates.h"
#include "checker/mend/library_calls.h"
#include "checker/mend/names.h"
#include "checker/mend/places.h"
#include "checker/mend/requirements.h"
#include "checker/mutation/condition_mutants.h"
#include "model/syntax/tree.h"

namespace quiesce::checker {

/// A condition of a branch, a loop or a wait, with the machine in which it stands.
struct UsedCondition {
  std::string machine;
  std::string text;
};

/// What all routines of a design share.
struct DesignText {
  const LoadedDesign& design;
  const model::syntax::File& file;
  const model::SourceMap& sources;  // of `file`
  const std::vector<model::syntax::Token>& tokens;
  const DesignPlaces& places;
  const StatementText& statements;
  const Nearness& nearness;
  const ExecutedLines& executed;
  const CallMaker& calls;
  const Requirements& requirements;
  const std::vector<UsedCondition>& conditions;
};

class RoutineCandidates {
 public:
  RoutineCandidates(const DesignText& text, std::size_t routine);

  /// Adds the candidates of the routine to `candidates`.
  void make(std::vector<Candidate>& candidates);

 private:
  void move();
  void move_to(const Place& moved, const Place& other, bool before);
  void add_calls();
  void remove();
  void exchange();
  void change_values();
  void change_returns();
  void change_conditions();
  void take_locks();
  void exchange_locks();
  void leave_locks();
  void change_levels();
  void leave_raise(const Place& raise);
  void leave_branches();
  const Place& with_branch(const Place& place) const;
  void swap_calls();
  void repeat_calls();
  void move_into_else();
  void guard();
  void guard_rest();
  void heed_requirements();
  void heed(const Place& place, const std::string& condition);
  void leave_argument(const Place& place, const std::vector<model::syntax::Argument>& arguments, std::size_t which);
  void answer_without_call(const Place& place);
  void leave_early();

  void add(Edit edit, double kind, std::size_t size, const Place& near, std::string what);
  /// The same where the change touches all of `places`: it is as near as the nearest of them, and a little further away
  /// for how far the others are from that.
  void add_at(const std::vector<const Place*>& places, Edit edit, double kind, std::string what);
  bool is_touched(const Place& place) const;
  std::size_t distance(const Place& place) const;
  std::string place_text(const Place& moved, const Place& other, bool before) const;
  std::string meaning_of(const std::string& call) const;
  std::string kept_in(const Place& place) const;
  std::string call_before(const Place& place, bool before) const;
  static std::string success_value(const model::types::Type& type);
  std::string success_of(const std::string& variable) const;
  std::string ignored_success(const Place& place) const;
  std::vector<std::string> other_calls(const std::string& call) const;
  std::string unused_name(const std::string& name) const;
  double asked(const std::string& call) const;
  void change_arguments(const Place& place, const model::syntax::Expression& call);
  void replace_value(const Place& place, const model::syntax::Expression& value, double kind);
  std::vector<std::string> others_like(const std::string& value) const;
  std::vector<std::string> guards() const;
  std::string shown(const Place& place) const;
  std::string text_of(const model::syntax::Expression& expression) const;
  /// Calls `use(place, is_before, where)` for each place between statements.
  template <typename Use>
  void each_gap(const Use& use) const;

  const DesignText& text_;
  const Routine& routine_;
  std::vector<Place> own_;
  bool is_executed_ = false;  // a statement of the routine was, or it is no function
  std::vector<TypedName> names_;
  std::vector<LibraryCall> calls_;
  std::vector<LockCalls> locks_;
  std::vector<Candidate>* candidates_ = nullptr;
  bool does_less_ = false;  // of the candidates that are being made
  bool heeds_ = false;      // likewise
};

/// Whether nothing behind the statement in its block is ever executed.
bool ends_block(const model::syntax::Statement& statement);

template <typename Use>
void RoutineCandidates::each_gap(const Use& use) const {
  for (const Place& place : own_) {
    use(place, true);
    if (place.is_last && !ends_block(*place.statement)) use(place, false);
  }
}

/// The call that a statement makes: of its own, or on the right side; null when it makes none.
const model::syntax::Expression* call_of(const model::syntax::Statement& statement);

}  // namespace quiesce::checker
