#include "checker/symbolic/ic3.h"

#include <algorithm>
#include <memory>
#include <queue>
#include <utility>

#include "checker/sat/solver.h"
#include "checker/symbolic/cubes.h"
#include "checker/symbolic/stopped.h"

namespace quiesce::checker {
namespace {

/// The states of `cube` reach a bad one: with `inputs` in one step those of `then`, or at once where that is null.
struct Obligation {
  Cube cube;
  std::vector<bool> inputs;
  std::shared_ptr<const Obligation> then;
  std::uint32_t level = 0;  // to be shown unreachable within so many steps
  std::uint64_t number = 0;
};
using ObligationPtr = std::shared_ptr<const Obligation>;

/// The lowest level first, then the newest.
struct IsLater {
  bool operator()(const ObligationPtr& a, const ObligationPtr& b) const {
    return a->level != b->level ? a->level > b->level : a->number < b->number;
  }
};

/// What a solver knows: the relation, and the clauses given.
class Relation {
 public:
  Relation(const RelationClauses& clauses, const std::vector<Cube>& given, EngineControl& control)
      : clauses_(clauses), control_(control) {
    solver.stop_when([&control] { return control.reason() != LimitKind::None; });
    clauses.add_to(solver);
    for (const Cube& cube : given) exclude(cube, 0);
  }

  int now(int literal) const { return literal > 0 ? clauses_.now[bit_of(literal)] : -clauses_.now[bit_of(literal)]; }
  int next(int literal) const { return literal > 0 ? clauses_.next[bit_of(literal)] : -clauses_.next[bit_of(literal)]; }
  int input(std::size_t i) const { return clauses_.inputs[i]; }
  int bad(std::size_t i) const { return clauses_.bad[i]; }
  int steps() const { return clauses_.steps; }

  /// No state of `cube`, where `active` is true; 0: anywhere.
  void exclude(const Cube& cube, int active) {
    clause_.clear();
    if (active != 0) clause_.push_back(-active);
    for (const int literal : cube) clause_.push_back(-now(literal));
    solver.add(clause_);
  }

  bool is_satisfiable() {
    if (control_.reason() != LimitKind::None) throw Stopped();  // small queries end before the solver asks
    const SatSolver::Answer answer = solver.solve();
    if (answer == SatSolver::Answer::Stopped) throw Stopped();
    return answer == SatSolver::Answer::Satisfiable;
  }

  Cube state() const {
    Cube cube;
    for (std::size_t i = 0; i < clauses_.now.size(); ++i) {
      const int number = static_cast<int>(i) + 1;
      cube.push_back(solver.value(clauses_.now[i]) ? number : -number);
    }
    return cube;
  }
  std::vector<bool> inputs() const {
    std::vector<bool> values;
    for (const int input : clauses_.inputs) values.push_back(solver.value(input));
    return values;
  }

  SatSolver solver;

 private:
  const RelationClauses& clauses_;
  EngineControl& control_;
  std::vector<int> clause_;
};

}  // namespace

// Invariants of the frames, F_i: what frames_[i] and those above exclude, and what is given.
// (1) F_0 is the initial states, F_i contains F_i-1 and what one step from F_i-1 reaches.
// (2) No state of F_i, i < the last frame, is bad or has a bad step.
// (3) No cube of a frame but 0 contains an initial state.
class Ic3::Search {
 public:
  Search(const Encoding& encoding, const RelationClauses& relation, const std::vector<InvariantClause>& given,
         EngineControl& control)
      : encoding_(encoding),
        clauses_(relation),
        control_(control),
        initial_(encoding),
        activity_(encoding.bits.size(), 0) {
    for (const InvariantClause& clause : given) {
      if (auto cube = cube_against(encoding, clause)) given_.push_back(std::move(*cube));
    }
    frames_.resize(1);
  }

  Answer prove(const std::vector<std::size_t>& bad) {
    if (encoding_.initial.empty() || bad.empty()) {
      fixed_ = frames_.size();  // no clause is needed, and those learnt need not be inductive
      return Answer::Proved;
    }
    wanted_ = bad;
    try {
      if (!lifter_) lifter_ = std::make_unique<Relation>(clauses_, given_, control_);
      if (!relation_) renew();
      while (true) {
        while (const ObligationPtr worst = bad_state()) {
          if (!block(worst)) return Answer::Broken;
        }
        if (control_.reason() != LimitKind::None) return Answer::Stopped;
        add_frame();
        if (propagate()) return Answer::Proved;
      }
    } catch (const Stopped&) {
      return Answer::Stopped;
    }
  }

  std::vector<InvariantClause> invariant() const {
    std::vector<InvariantClause> clauses;
    for (std::size_t i = fixed_; i < frames_.size(); ++i) {
      for (const Cube& cube : frames_[i]) clauses.push_back(clause_against(encoding_, cube));
    }
    return clauses;
  }

  BitRun run;
  std::size_t broken = 0;
  Ic3Statistics statistics;

 private:
  std::size_t last() const { return frames_.size() - 1; }

  // ------------------------------------------------------------------------------------------- solver

  /// A fresh solver: clauses of frames that became superfluous are gone.
  void renew() {
    relation_ = std::make_unique<Relation>(clauses_, given_, control_);
    active_.clear();
    stale_ = 0;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      active_.push_back(relation_->solver.new_variable());
      for (const Cube& cube : frames_[i]) relation_->exclude(cube, active_[i]);
    }
    add_initial_states();
  }

  void add_initial_states() {
    SatSolver& solver = relation_->solver;
    std::vector<int> any = {-active_[0]};
    for (const std::vector<bool>& bits : encoding_.initial) {
      const int is_this = solver.new_variable();
      any.push_back(is_this);
      for (std::size_t i = 0; i < bits.size(); ++i) {
        const int number = static_cast<int>(i) + 1;
        solver.add({-is_this, relation_->now(bits[i] ? number : -number)});
      }
    }
    solver.add(any);
  }

  void add_frame() {
    frames_.emplace_back();
    active_.push_back(relation_->solver.new_variable());
    statistics.frames = static_cast<std::uint32_t>(last());
  }

  void assume_frame(std::size_t frame) {
    for (std::size_t i = frame; i < active_.size(); ++i) relation_->solver.assume(active_[i]);
  }

  /// Whether a step from a state of the frame, outside the cube, leads into it. If not, `core` is a part of the cube
  /// for which that is so too.
  bool is_entered(const Cube& cube, std::size_t frame, Cube* core, bool from_outside = true) {
    ++statistics.queries;
    Relation& relation = *relation_;
    if (from_outside) {
      clause_.clear();
      for (const int literal : cube) clause_.push_back(-relation.now(literal));
      relation.solver.constrain(clause_);
    }
    assume_frame(frame);
    relation.solver.assume(relation.steps());
    for (const int literal : cube) relation.solver.assume(relation.next(literal));
    if (relation.is_satisfiable()) return true;
    if (core != nullptr) {
      core->clear();
      for (const int literal : cube) {
        if (relation.solver.failed(relation.next(literal))) core->push_back(literal);
      }
      // The negated cube was used with all its literals; the smaller one excludes fewer states, so it holds too.
      initial_.leave_out(*core, cube);
    }
    return false;
  }

  // ----------------------------------------------------------------------------------- bad states, runs

  /// A state of the last frame that is bad or has a bad step, made larger; null: none.
  ObligationPtr bad_state() {
    ++statistics.queries;
    Relation& relation = *relation_;
    clause_.clear();
    for (const std::size_t one : wanted_) clause_.push_back(relation.bad(one));
    relation.solver.constrain(clause_);
    assume_frame(last());
    if (!relation.is_satisfiable()) return nullptr;
    auto found = std::make_shared<Obligation>();
    found->inputs = relation.inputs();
    found->level = static_cast<std::uint32_t>(last());
    for (const std::size_t one : wanted_) {
      if (relation.solver.value(relation.bad(one))) broken = one;
    }
    lifter_->solver.assume(-lifter_->bad(broken));
    found->cube = lifted(relation.state(), found->inputs);
    found->number = ++obligations_;
    return found;
  }

  /// The part of a state that suffices to make the pending query of the lifter unsatisfiable.
  Cube lifted(const Cube& state, const std::vector<bool>& inputs) {
    ++statistics.queries;
    Relation& lifter = *lifter_;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      lifter.solver.assume(inputs[i] ? lifter.input(i) : -lifter.input(i));
    for (const int literal : state) lifter.solver.assume(lifter.now(literal));
    if (lifter.is_satisfiable()) return state;
    Cube part;
    for (const int literal : state) {
      if (lifter.solver.failed(lifter.now(literal))) part.push_back(literal);
    }
    return part;
  }

  /// A state from which a step leads into `then`, as the last query has found it.
  ObligationPtr predecessor(const ObligationPtr& then) {
    auto found = std::make_shared<Obligation>();
    found->inputs = relation_->inputs();
    found->then = then;
    found->level = then->level - 1;
    found->number = ++obligations_;
    clause_ = {-lifter_->steps()};
    for (const int literal : then->cube) clause_.push_back(-lifter_->next(literal));
    const Cube state = relation_->state();
    lifter_->solver.constrain(clause_);
    found->cube = lifted(state, found->inputs);
    return found;
  }

  /// The run from an initial state in the obligation's cube.
  void keep_run(const ObligationPtr& first, std::size_t initial) {
    std::vector<std::vector<bool>> inputs;
    for (const Obligation* one = first.get(); one != nullptr; one = one->then.get()) inputs.push_back(one->inputs);
    run = run_from(encoding_, encoding_.initial[initial], std::move(inputs));
  }

  // ------------------------------------------------------------------------------------------- blocking

  /// Shows that the states of the obligation are not reachable within its level, with all that this needs. False: a run
  /// was found.
  bool block(const ObligationPtr& worst) {
    std::priority_queue<ObligationPtr, std::vector<ObligationPtr>, IsLater> open;
    open.push(worst);
    while (!open.empty()) {
      const ObligationPtr one = open.top();
      if (const auto initial = initial_.in(one->cube)) {
        keep_run(one, *initial);
        return false;
      }
      if (is_excluded(one->cube, one->level)) {
        open.pop();
        if (one->level < last()) open.push(later(one, one->level + 1));
        continue;
      }
      Cube core;
      if (is_entered(one->cube, one->level - 1, &core)) {
        open.push(predecessor(one));
        continue;
      }
      open.pop();
      const std::size_t level = learn(std::move(core), one->level);
      if (level < last()) open.push(later(one, static_cast<std::uint32_t>(level) + 1));
      if (stale_ > 2 * live_ + kMostStale) renew();
    }
    return true;
  }

  ObligationPtr later(const ObligationPtr& one, std::uint32_t level) {
    auto moved = std::make_shared<Obligation>(*one);
    moved->level = level;
    moved->number = ++obligations_;
    return moved;
  }

  bool is_excluded(const Cube& cube, std::size_t level) const {
    for (std::size_t i = std::max<std::size_t>(level, 1); i < frames_.size(); ++i) {
      if (std::any_of(frames_[i].begin(), frames_[i].end(), [&](const Cube& one) { return is_part(one, cube); }))
        return true;
    }
    return false;
  }

  /// Makes the cube larger, and excludes it from as many frames as possible; the last of these.
  std::size_t learn(Cube cube, std::size_t level) {
    enlarge(cube, level - 1, kMostCounterexamples);
    while (level < last() && !is_entered(cube, level, nullptr)) ++level;
    for (const int literal : cube) ++activity_[bit_of(literal)];
    exclude(std::move(cube), level);
    return level;
  }

  /// Leaves out literals as long as no step from the frame enters the cube.
  void enlarge(Cube& cube, std::size_t frame, int counterexamples) {
    Cube order = cube;
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return activity_[bit_of(a)] < activity_[bit_of(b)]; });
    for (const int literal : order) {
      if (cube.size() <= 1) break;
      const auto at = std::find(cube.begin(), cube.end(), literal);
      if (at == cube.end()) continue;
      Cube smaller = cube;
      smaller.erase(smaller.begin() + (at - cube.begin()));
      if (can_stay_out(smaller, frame, counterexamples)) cube = std::move(smaller);
    }
  }

  /// Whether no step from the frame enters the cube; states that speak against it are excluded when they cannot be
  /// reached either (Hassan, Bradley, Somenzi, FMCAD 2013). If so, the cube is made larger.
  bool can_stay_out(Cube& cube, std::size_t frame, int counterexamples) {
    for (int tried = 0;; ++tried) {
      if (initial_.in(cube)) return false;
      Cube core;
      if (!is_entered(cube, frame, &core)) {
        cube = std::move(core);
        return true;
      }
      if (tried >= counterexamples || frame == 0) return false;
      clause_ = {-lifter_->steps()};
      for (const int literal : cube) clause_.push_back(-lifter_->next(literal));
      const Cube state = relation_->state();
      const std::vector<bool> inputs = relation_->inputs();
      lifter_->solver.constrain(clause_);
      const Cube against = lifted(state, inputs);
      if (initial_.in(against)) return false;
      Cube part;
      if (is_entered(against, frame - 1, &part)) return false;
      std::size_t level = frame;
      enlarge(part, level - 1, 0);
      while (level < last() && !is_entered(part, level, nullptr)) ++level;
      exclude(std::move(part), level);
    }
  }

  /// From frame `level` and all before.
  void exclude(Cube cube, std::size_t level) {
    for (std::size_t i = 1; i <= level; ++i) {
      const std::size_t removed = std::erase_if(frames_[i], [&](const Cube& one) { return is_part(cube, one); });
      live_ -= removed;
      stale_ += removed;
    }
    relation_->exclude(cube, active_[level]);
    frames_[level].push_back(std::move(cube));
    ++live_;
    ++statistics.clauses;
  }

  // ---------------------------------------------------------------------------------------- propagation

  /// Moves what stays excluded into the next frame. True: two frames are equal.
  bool propagate() {
    if (stale_ > live_ / 2 + kMostStale) renew();
    for (std::size_t i = 1; i < last(); ++i) {
      const std::vector<Cube> cubes = frames_[i];
      for (const Cube& cube : cubes) {
        if (std::find(frames_[i].begin(), frames_[i].end(), cube) == frames_[i].end()) continue;
        Cube core;
        if (!is_entered(cube, i, &core, false)) {
          --statistics.clauses;
          exclude(std::move(core), i + 1);
        }
      }
      if (frames_[i].empty()) {
        fixed_ = i + 1;
        return true;
      }
    }
    return false;
  }

  static constexpr std::size_t kMostStale = 1000;
  static constexpr int kMostCounterexamples = 3;

  const Encoding& encoding_;
  const RelationClauses& clauses_;
  EngineControl& control_;
  InitialStates initial_;
  std::vector<Cube> given_;
  std::vector<std::size_t> wanted_;
  std::vector<std::vector<Cube>> frames_;  // by frame: cubes excluded from it and all before, but from none after
  std::size_t fixed_ = 0;                  // after Proved: the frame that is closed
  std::vector<std::uint32_t> activity_;    // by bit: how many learnt cubes mention it
  std::uint64_t obligations_ = 0;

  std::unique_ptr<Relation> relation_;  // with all frames
  std::unique_ptr<Relation> lifter_;    // without
  std::vector<int> active_;             // by frame: its clauses count where this is true
  std::size_t live_ = 0;
  std::size_t stale_ = 0;  // clauses in the solver that others have made superfluous
  std::vector<int> clause_;
};

Ic3::Ic3(const Encoding& encoding, const RelationClauses& relation, const std::vector<InvariantClause>& given,
         EngineControl& control)
    : search_(std::make_unique<Search>(encoding, relation, given, control)) {}

Ic3::~Ic3() = default;

Ic3::Answer Ic3::prove(const std::vector<std::size_t>& bad) { return search_->prove(bad); }

const BitRun& Ic3::run() const { return search_->run; }

std::size_t Ic3::broken() const { return search_->broken; }

std::vector<InvariantClause> Ic3::invariant() const { return search_->invariant(); }

const Ic3Statistics& Ic3::statistics() const { return search_->statistics; }

}  // namespace quiesce::checker
