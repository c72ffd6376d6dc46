#include "checker/symbolic/pair_invariants.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "checker/sat/solver.h"
#include "checker/symbolic/all_steps.h"
#include "checker/symbolic/cubes.h"
#include "checker/symbolic/prime_clauses.h"
#include "checker/symbolic/stopped.h"
#include "model/base/scramble.h"

namespace quiesce::checker {
namespace {

constexpr unsigned kMostBits = 6;       // of a cell that is paired
constexpr unsigned kMostPlaceBits = 9;  // of a place
constexpr unsigned kMostWord = 16;      // of a set

/// Bits that belong together: of one cell.
struct Part {
  model::CellId cell;
  std::vector<std::size_t> bits;  // positions in Encoding::bits, lowest first
};

/// Which words some parts have together. The first part is the lowest in a word.
struct Projection {
  std::vector<std::size_t> parts;  // positions of parts
  std::vector<unsigned> shifts;    // by part: where it begins in a word
  unsigned width = 0;
  std::vector<bool> has;               // by word
  std::vector<std::uint64_t> members;  // in order of discovery
  std::size_t told = 0;                // of them, to the solver
  std::vector<WordClause> clauses;     // for `closed_at` members
  std::size_t closed_at = 0;
};

class Random {
 public:
  std::uint64_t next() { return state_ = model::scramble(state_ + model::kScrambleStep); }

 private:
  std::uint64_t state_ = 1;
};

class Pairs {
 public:
  Pairs(const model::GuardedSystem& guarded, const Encoding& encoding, const RelationClauses& relation,
        EngineControl& control)
      : encoding_(encoding), relation_(relation), control_(control), steps_(encoding) {
    find_parts();
    for (std::size_t i = 0; i < parts_.size(); ++i) project({i});
    for (const model::Context& context : guarded.system.contexts) {
      for (std::uint32_t a = 0; a < context.activations; ++a) project_context(context, a);
    }
  }

  std::vector<InvariantClause> closed() {
    std::vector<PackedState> initial;
    for (const std::vector<bool>& state : encoding_.initial) see(initial.emplace_back(packed(state)));
    explore(std::move(initial), kSeedPatience);
    while (!is_closed()) {
    }
    return clauses();
  }

 private:
  using Bits = std::vector<bool>;

  // ------------------------------------------------------------------------------------------- what is paired

  void find_parts() {
    for (std::size_t i = 0; i < encoding_.bits.size(); ++i) {
      if (parts_.empty() || parts_.back().cell != encoding_.bits[i].cell)
        parts_.push_back({encoding_.bits[i].cell, {}});
      parts_.back().bits.push_back(i);
    }
    std::erase_if(parts_, [](const Part& part) { return part.bits.size() > kMostPlaceBits; });
    for (std::size_t i = 0; i < parts_.size(); ++i) part_of_[parts_[i].cell] = i;
  }

  void project(std::vector<std::size_t> parts) {
    std::vector<std::size_t> sorted = parts;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end() || !known_.insert(sorted).second) return;
    Projection projection;
    for (const std::size_t part : parts) {
      projection.shifts.push_back(projection.width);
      projection.width += static_cast<unsigned>(parts_[part].bits.size());
    }
    if (projection.width > kMostWord) return;
    projection.parts = std::move(parts);
    projection.has.resize(std::size_t{1} << projection.width);
    projections_.push_back(std::move(projection));
  }

  void project_context(const model::Context& context, std::uint32_t activation) {
    const auto place = part_of_.find(context.location_cell[activation]);
    std::vector<std::size_t> own;
    const auto add_own = [&](model::CellId cell) {
      const auto part = part_of_.find(cell);
      if (part != part_of_.end()) own.push_back(part->second);
    };
    add_own(context.level_cell[activation]);
    add_own(context.cpu_cell[activation]);
    if (!context.affinity_cell.empty()) add_own(context.affinity_cell[activation]);
    if (own.size() > 1) project(own);
    if (place == part_of_.end()) return;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (i == place->second || parts_[i].bits.size() > kMostBits) continue;
      project({place->second, i});
    }
    if (own.size() > 1) {
      own.insert(own.begin(), place->second);
      project(own);
    }
  }

  // ------------------------------------------------------------------------------------------- members

  /// Adds what a state shows; whether anything was new.
  bool see(const PackedState& state) {
    words_.clear();
    for (const Part& part : parts_) words_.push_back(word_of_part(state, part));
    bool is_new = false;
    for (Projection& projection : projections_) {
      std::uint64_t word = 0;
      for (std::size_t i = 0; i < projection.parts.size(); ++i)
        word |= words_[projection.parts[i]] << projection.shifts[i];
      if (projection.has[word]) continue;
      projection.has[word] = true;
      projection.members.push_back(word);
      is_new = true;
    }
    return is_new;
  }

  static std::uint64_t word_of_part(const PackedState& state, const Part& part) {
    const std::size_t first = part.bits.front();
    std::uint64_t word = state[first / 64] >> (first % 64);
    if (first % 64 + part.bits.size() > 64) word |= state[first / 64 + 1] << (64 - first % 64);
    return word & ((std::uint64_t{1} << part.bits.size()) - 1);
  }

  /// Whether this state was seen before and not yet displaced by another one. A wrong yes would lose a seed only.
  bool was_just_seen(const PackedState& state) {
    const std::uint64_t hash = model::scramble(state.data(), state.size(), 1);
    return std::exchange(seen_[hash % kRemembered], hash) == hash;
  }

  /// Adds what states show that steps lead to from `fresh` on. States that show something new go on first, then others
  /// in random order, until there are none or so many in sequence have led to nothing new.
  void explore(std::vector<PackedState> fresh, std::size_t patience) {
    std::vector<PackedState> others, taken;
    std::size_t begin = 0;
    for (std::size_t idle = 0; begin < fresh.size() || (!others.empty() && idle < patience);) {
      stop_if_asked();
      taken.clear();
      while (taken.size() < steps_.at_once() && begin < fresh.size()) taken.push_back(fresh[begin++]);
      while (taken.size() < steps_.at_once() && !others.empty()) taken.push_back(any_of(others));
      idle += taken.size();
      for (PackedState& next : steps_.next_of(taken)) {
        if (was_just_seen(next)) continue;
        if (see(next)) {
          idle = 0;
          fresh.push_back(std::move(next));
        } else if (others.size() < kMostStates) {
          others.push_back(std::move(next));
        } else {
          others[random_.next() % others.size()] = std::move(next);
        }
      }
    }
  }

  /// Takes one out.
  PackedState any_of(std::vector<PackedState>& states) {
    std::swap(states[random_.next() % states.size()], states.back());
    PackedState result = std::move(states.back());
    states.pop_back();
    return result;
  }

  // ------------------------------------------------------------------------------------------- closing

  /// One round: from states of which all pairs are in the sets as they are now, what do steps show that is in none?
  /// True: nothing.
  bool is_closed() {
    if (!solver_) prepare();
    const int active = solver_->new_variable();
    for (Projection& projection : projections_) exclude(projection, active);
    bool grew = false;
    while (true) {
      stop_if_asked();
      for (std::size_t p = 0; p < projections_.size(); ++p) tell(p);
      solver_->constrain(finders_);
      solver_->assume(active);
      const SatSolver::Answer answer = solver_->solve();
      if (answer == SatSolver::Answer::Stopped) throw Stopped();
      if (answer == SatSolver::Answer::Unsatisfiable) break;
      Bits state;
      for (const int next : relation_.next) state.push_back(solver_->value(next));
      PackedState found = packed(state);
      see(found);
      explore({std::move(found)}, kFoundPatience);
      grew = true;
    }
    solver_->add({-active});
    return !grew;
  }

  void prepare() {
    solver_.emplace();
    solver_->stop_when([this] { return control_.reason() != LimitKind::None; });
    relation_.add_to(*solver_);
    solver_->add({relation_.steps});
    for (const InvariantClause& clause : encoding_.given) {
      if (const auto cube = cube_against(encoding_, clause)) exclude_cube(*cube, {});
    }
    for (std::size_t p = 0; p < projections_.size(); ++p) finders_.push_back(solver_->new_variable());
  }

  void exclude_cube(const Cube& cube, std::vector<int> clause) {
    for (const int literal : cube) {
      const int now = relation_.now[bit_of(literal)];
      clause.push_back(literal > 0 ? -now : now);
    }
    solver_->add(clause);
  }

  /// States of which the set does not have the word, while `active`.
  void exclude(Projection& projection, int active) {
    close(projection);
    for (const WordClause& clause : projection.clauses) exclude_cube(cube_of(projection, clause), {-active});
  }

  Cube cube_of(const Projection& projection, const WordClause& clause) const {
    Cube cube;
    unsigned shift = 0;
    for (const std::size_t part : projection.parts) {
      for (const std::size_t bit : parts_[part].bits) {
        const int number = static_cast<int>(bit) + 1;
        if (((clause.mask >> shift) & 1) != 0) cube.push_back(((clause.bits >> shift) & 1) != 0 ? number : -number);
        ++shift;
      }
    }
    std::sort(cube.begin(), cube.end(), [](int a, int b) { return bit_of(a) < bit_of(b); });
    return cube;
  }

  /// Brings the clauses of a set up to date. Single parts come first, so that sets need only exclude words of which
  /// each part can occur.
  void close(Projection& projection) {
    if (projection.closed_at == projection.members.size() && projection.closed_at != 0) return;
    std::vector<std::uint64_t> excluded;
    if (projection.parts.size() == 1) {
      for (std::uint64_t word = 0; word < projection.has.size(); ++word) {
        if (!projection.has[word]) excluded.push_back(word);
      }
    } else {
      words_of_parts(projection, 0, 0, 0, excluded);
    }
    projection.clauses = prime_clauses(projection.members, excluded, projection.width);
    projection.closed_at = projection.members.size();
  }

  void words_of_parts(const Projection& projection, std::size_t at, unsigned shift, std::uint64_t word,
                      std::vector<std::uint64_t>& excluded) const {
    if (at == projection.parts.size()) {
      if (!projection.has[word]) excluded.push_back(word);
      return;
    }
    const std::size_t part = projection.parts[at];
    for (const std::uint64_t value : projections_[part].members) {
      words_of_parts(projection, at + 1, shift + static_cast<unsigned>(parts_[part].bits.size()), word | value << shift,
                     excluded);
    }
  }

  /// Tells the solver of new members: the finder of the set does not look for them.
  void tell(std::size_t p) {
    Projection& projection = projections_[p];
    for (; projection.told < projection.members.size(); ++projection.told) {
      std::uint64_t word = projection.members[projection.told];
      std::vector<int> clause = {-finders_[p]};
      for (const std::size_t part : projection.parts) {
        const std::size_t width = parts_[part].bits.size();
        clause.push_back(-shows(part, word & ((std::uint64_t{1} << width) - 1)));
        word >>= width;
      }
      solver_->add(clause);
    }
  }

  /// A literal that is true when the part has this word after the step.
  int shows(std::size_t part, std::uint64_t word) {
    int& literal = shows_[{part, word}];
    if (literal != 0) return literal;
    literal = solver_->new_variable();
    std::vector<int> clause = {literal};
    for (std::size_t i = 0; i < parts_[part].bits.size(); ++i) {
      const int next = relation_.next[parts_[part].bits[i]];
      clause.push_back(((word >> i) & 1) != 0 ? -next : next);
    }
    solver_->add(clause);
    return literal;
  }

  std::vector<InvariantClause> clauses() {
    std::set<Cube> cubes;
    for (Projection& projection : projections_) {
      close(projection);
      for (const WordClause& clause : projection.clauses) cubes.insert(cube_of(projection, clause));
    }
    std::vector<InvariantClause> result;
    for (const Cube& cube : cubes) result.push_back(clause_against(encoding_, cube));
    return result;
  }

  void stop_if_asked() {
    if (control_.reason() != LimitKind::None) throw Stopped();
  }

  static constexpr std::size_t kSeedPatience = 3000;
  static constexpr std::size_t kFoundPatience = 60;
  static constexpr std::size_t kMostStates = 4000;
  static constexpr std::size_t kRemembered = 1 << 16;

  const Encoding& encoding_;
  const RelationClauses& relation_;
  EngineControl& control_;
  AllSteps steps_;
  Random random_;
  std::vector<Part> parts_;
  std::map<model::CellId, std::size_t> part_of_;
  std::set<std::vector<std::size_t>> known_;
  std::vector<Projection> projections_;  // those of single parts first, in their order
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> seen_ = std::vector<std::uint64_t>(kRemembered);  // hashes of states
  std::optional<SatSolver> solver_;
  std::vector<int> finders_;  // by projection: the step shows something that the set does not have
  std::map<std::pair<std::size_t, std::uint64_t>, int> shows_;
};

}  // namespace

std::optional<std::vector<InvariantClause>> pair_invariants(const model::GuardedSystem& guarded,
                                                            const Encoding& encoding, const RelationClauses& relation,
                                                            EngineControl& control) {
  if (encoding.initial.empty() || encoding.classes == 0) return std::vector<InvariantClause>();
  try {
    return Pairs(guarded, encoding, relation, control).closed();
  } catch (const Stopped&) {
    return std::nullopt;
  }
}

}  // namespace quiesce::checker
