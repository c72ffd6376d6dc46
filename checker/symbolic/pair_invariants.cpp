#include "checker/symbolic/pair_invariants.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <utility>

#include "checker/sat/solver.h"
#include "checker/symbolic/clauses.h"
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
  unsigned width = 0;
  std::vector<bool> has;               // by word
  std::vector<std::uint64_t> members;  // in order of discovery
  std::size_t told = 0;                // of them, to the solver
  std::vector<WordClause> clauses;     // for `closed_at` members
  std::size_t closed_at = 0;
};

class Random {
 public:
  std::uint64_t next() { return state_ = model::scramble(state_ + 0x9E3779B97F4A7C15ULL); }

 private:
  std::uint64_t state_ = 1;
};

class Pairs {
 public:
  Pairs(const model::GuardedSystem& guarded, const Encoding& encoding, EngineControl& control)
      : encoding_(encoding), control_(control), values_(encoding.circuit.size()) {
    find_parts();
    for (std::size_t i = 0; i < parts_.size(); ++i) project({i});
    for (const model::Context& context : guarded.system.contexts) {
      for (std::uint32_t a = 0; a < context.activations; ++a) project_context(context, a);
    }
  }

  std::vector<InvariantClause> closed() {
    std::vector<std::vector<bool>> initial = encoding_.initial;
    for (const std::vector<bool>& state : initial) see(state);
    walk(std::move(initial), kSeedRounds);
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
    for (const std::size_t part : parts) projection.width += static_cast<unsigned>(parts_[part].bits.size());
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
  bool see(const Bits& state) {
    words_.clear();
    for (const Part& part : parts_) {
      std::uint64_t word = 0;
      for (std::size_t i = 0; i < part.bits.size(); ++i) word |= std::uint64_t{state[part.bits[i]]} << i;
      words_.push_back(word);
    }
    if (was_just_seen()) return false;
    bool is_new = false;
    for (Projection& projection : projections_) {
      std::uint64_t word = 0;
      unsigned shift = 0;
      for (const std::size_t part : projection.parts) {
        word |= words_[part] << shift;
        shift += static_cast<unsigned>(parts_[part].bits.size());
      }
      if (projection.has[word]) continue;
      projection.has[word] = true;
      projection.members.push_back(word);
      is_new = true;
    }
    return is_new;
  }

  /// Whether a state with these words was seen before and not yet displaced by another one: random runs come to the same
  /// states again and again, and each has words in thousands of projections. A wrong yes would lose a seed only.
  bool was_just_seen() {
    std::uint64_t hash = 1;
    for (const std::uint64_t word : words_) hash = model::scramble(hash ^ word);
    return std::exchange(seen_[hash % kRemembered], hash) == hash;
  }

  /// Random runs, 64 at once, each from one of `states` or from a state that showed something new; for so many rounds
  /// after the last one that did.
  void walk(std::vector<Bits> states, int rounds) {
    std::vector<Bits> lanes(64);
    for (int idle = 0; idle < rounds; ++idle) {
      stop_if_asked();
      for (Bits& lane : lanes) lane = states[random_.next() % states.size()];
      bool is_new = false;
      for (int step = 0; step < kSteps; ++step) {
        step_all(lanes);
        for (const Bits& lane : lanes) {
          if (!see(lane)) continue;
          is_new = true;
          if (states.size() < kMostStates) {
            states.push_back(lane);
          } else {
            states[random_.next() % states.size()] = lane;
          }
        }
      }
      if (is_new) idle = -1;
    }
  }

  /// One step of each lane, several inputs tried; a lane without a step stays.
  void step_all(std::vector<Bits>& lanes) {
    for (std::size_t i = 0; i < encoding_.bits.size(); ++i) {
      std::uint64_t word = 0;
      for (std::size_t k = 0; k < lanes.size(); ++k) word |= std::uint64_t{lanes[k][i]} << k;
      values_[encoding_.bits[i].now.node()] = word;
    }
    std::uint64_t open = ~std::uint64_t{0};
    for (int tries = 0; tries < kTries && open != 0; ++tries) {
      for (const Signal input : encoding_.choices) values_[input.node()] = 0;
      for (std::size_t k = 0; k < lanes.size(); ++k) {
        const std::uint64_t name = random_.next() % encoding_.classes;
        for (std::size_t i = 0; i < encoding_.choices.size(); ++i)
          values_[encoding_.choices[i].node()] |= ((name >> i) & 1) << k;
      }
      encoding_.circuit.evaluate(values_);
      const std::uint64_t moved = word_of(values_, encoding_.steps) & open;
      open &= ~moved;
      for (std::size_t i = 0; i < encoding_.bits.size(); ++i) {
        const std::uint64_t word = word_of(values_, encoding_.bits[i].next);
        for (std::uint64_t rest = moved; rest != 0; rest &= rest - 1) {
          const int k = std::countr_zero(rest);
          lanes[static_cast<std::size_t>(k)][i] = ((word >> k) & 1) != 0;
        }
      }
    }
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
      for (const StateBit& bit : encoding_.bits) state.push_back(solver_->value(copy_->literal(bit.next)));
      see(state);
      walk({std::move(state)}, kFoundRounds);
      grew = true;
    }
    solver_->add({-active});
    return !grew;
  }

  void prepare() {
    solver_.emplace();
    solver_->stop_when([this] { return control_.reason() != LimitKind::None; });
    copy_.emplace(encoding_.circuit, *solver_);
    for (const StateBit& bit : encoding_.bits) copy_->literal(bit.next);
    solver_->add({copy_->literal(encoding_.assumed)});
    solver_->add({copy_->literal(encoding_.steps)});
    for (const InvariantClause& clause : encoding_.given) {
      if (const auto cube = cube_against(encoding_, clause)) exclude_cube(*cube, {});
    }
    for (std::size_t p = 0; p < projections_.size(); ++p) finders_.push_back(solver_->new_variable());
  }

  void exclude_cube(const Cube& cube, std::vector<int> clause) {
    for (const int literal : cube) {
      const int now = copy_->literal(encoding_.bits[bit_of(literal)].now);
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

  /// Brings the clauses of a set up to date. Single parts come first, so that sets need only exclude words of which each
  /// part can occur.
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
      const int next = copy_->literal(encoding_.bits[parts_[part].bits[i]].next);
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

  static constexpr int kSeedRounds = 60;
  static constexpr int kFoundRounds = 2;
  static constexpr int kSteps = 40;
  static constexpr int kTries = 6;
  static constexpr std::size_t kMostStates = 4000;
  static constexpr std::size_t kRemembered = 1 << 16;

  const Encoding& encoding_;
  EngineControl& control_;
  Random random_;
  std::vector<Part> parts_;
  std::map<model::CellId, std::size_t> part_of_;
  std::set<std::vector<std::size_t>> known_;
  std::vector<Projection> projections_;  // those of single parts first, in their order
  std::vector<std::uint64_t> values_;    // of the circuit
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> seen_ = std::vector<std::uint64_t>(kRemembered);  // hashes of words
  std::optional<SatSolver> solver_;
  std::optional<CircuitCopy> copy_;
  std::vector<int> finders_;  // by projection: the step shows something that the set does not have
  std::map<std::pair<std::size_t, std::uint64_t>, int> shows_;
};

}  // namespace

std::optional<std::vector<InvariantClause>> pair_invariants(const model::GuardedSystem& guarded,
                                                            const Encoding& encoding, EngineControl& control) {
  if (encoding.initial.empty() || encoding.classes == 0) return std::vector<InvariantClause>();
  try {
    return Pairs(guarded, encoding, control).closed();
  } catch (const Stopped&) {
    return std::nullopt;
  }
}

}  // namespace quiesce::checker
