#include "checker/successor/instance_form.h"

#include <algorithm>
#include <numeric>

#include "checker/successor/sort_few.h"
#include "model/base/scramble.h"

namespace quiesce::checker {
namespace {

using model::scramble;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) { return scramble(a ^ (b + model::kScrambleStep + (a << 6))); }

}  // namespace

InstanceForm::InstanceForm(const InstanceSymmetry& symmetry) : symmetry_(symmetry), cells_(symmetry.naming.size()) {
  std::size_t begin = 0;
  while (begin < symmetry.classes.size()) {
    std::vector<const InterchangeableClass*> classes;
    std::size_t end = begin;
    while (end < symmetry.classes.size() && symmetry.classes[end].depth == symmetry.classes[begin].depth) {
      classes.push_back(&symmetry.classes[end++]);
    }
    add_layer(classes);
    begin = end;
  }
  best_.resize(cells_);
  candidate_.resize(cells_);
}

/// The cells that several of `classes` move: what belongs to a pair of members, one of each, such as a local of a
/// thread in the routine of an instance that it calls.
std::vector<bool> InstanceForm::shared_cells(const std::vector<const InterchangeableClass*>& classes) const {
  std::vector<bool> shared(cells_, false);
  std::vector<const InterchangeableClass*> mover(cells_, nullptr);
  const auto moved_by = [&](std::uint32_t cell, const InterchangeableClass* one) {
    if (mover[cell] != nullptr && mover[cell] != one) shared[cell] = true;
    mover[cell] = one;
  };
  for (const InterchangeableClass* one : classes) {
    for (const MemberExchange& exchange : one->exchange.front()) {
      for (const auto& [a, b] : exchange.cells) {
        moved_by(a, one);
        moved_by(b, one);
      }
    }
  }
  return shared;
}

void InstanceForm::add_layer(const std::vector<const InterchangeableClass*>& classes) {
  Layer layer;
  layer.owner_class.assign(cells_, -1);
  layer.owner_member.assign(cells_, -1);
  layer.owner_field.assign(cells_, -1);
  for (const std::vector<std::int32_t>& map : classes.front()->exchange.front().front().names) {
    layer.names.emplace_back(map.size());
  }
  layer.number_of.resize(layer.names.size());
  const std::vector<bool> shared = shared_cells(classes);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    Class cls;
    cls.source = classes[c];
    cls.size = static_cast<std::uint32_t>(classes[c]->members.size());
    cls.own.resize(cls.size);
    const std::vector<MemberExchange>& with_first = classes[c]->exchange.front();

    // Which cells are whose: what is the first member's alone moves in every exchange with it, to what moves in that
    // exchange only. Of two members each cell that moves can be said to be that of either.
    std::vector<std::uint32_t> moves(cells_, 0);
    for (const MemberExchange& one : with_first) {
      for (const auto& [a, b] : one.cells) {
        ++moves[a];
        ++moves[b];
      }
    }
    std::vector<std::vector<std::uint32_t>> image(with_first.size(), std::vector<std::uint32_t>(cells_));
    for (std::size_t k = 0; k < with_first.size(); ++k) {
      std::iota(image[k].begin(), image[k].end(), 0u);
      for (const auto& [a, b] : with_first[k].cells) {
        image[k][a] = b;
        image[k][b] = a;
      }
    }
    std::vector<bool> covered(cells_, false);
    for (std::uint32_t cell = 0; cell < cells_; ++cell) {
      if (moves[cell] != with_first.size() || covered[cell]) continue;
      bool alone = !shared[cell];
      for (const std::vector<std::uint32_t>& to : image) {
        alone = alone && !shared[to[cell]] && (cls.size == 2 || moves[to[cell]] == 1);
      }
      if (!alone) continue;
      const auto field = static_cast<std::int32_t>(cls.own[0].size());
      const auto take = [&](std::uint32_t member, std::uint32_t own) {
        cls.own[member].push_back(own);
        covered[own] = true;
        layer.owner_class[own] = static_cast<std::int32_t>(c);
        layer.owner_member[own] = static_cast<std::int32_t>(member);
        layer.owner_field[own] = field;
      };
      take(0, cell);
      for (std::uint32_t k = 0; k < with_first.size(); ++k) take(k + 1, image[k][cell]);
    }
    for (std::uint32_t cell = 0; cell < cells_; ++cell)
      cls.has_pairs = cls.has_pairs || (moves[cell] != 0 && !covered[cell]);

    // Which numbers name which members.
    for (NameKind kind = 0; kind < layer.names.size(); ++kind) {
      std::vector<Named>& names = layer.names[kind];
      auto& number_of = layer.number_of[kind];
      number_of.emplace_back(cls.size, std::vector<std::int32_t>(names.size(), 0));
      for (std::int32_t number = 0; number < static_cast<std::int32_t>(names.size()); ++number) {
        std::size_t count = 0;
        std::int32_t member = 0;
        std::int32_t below = number;
        for (std::size_t k = 0; k < with_first.size(); ++k) {
          const std::int32_t its_image = with_first[k].image(kind, number);
          if (its_image == number) continue;
          ++count;
          member = static_cast<std::int32_t>(k) + 1;
          below = its_image;
        }
        if (count == 0) continue;
        if (count == with_first.size() && (cls.size > 2 || number < below)) {
          member = 0;
          below = number;
        }
        names[static_cast<std::size_t>(number)] = {static_cast<std::int32_t>(c), member, below};
        number_of.back()[static_cast<std::size_t>(member)][static_cast<std::size_t>(below)] = number;
      }
    }
    layer.has_pairs = layer.has_pairs || cls.has_pairs;
    cls.first = layer.members;
    layer.members += cls.size;
    layer.classes.push_back(std::move(cls));
  }
  std::vector<bool> names_any;
  for (const std::vector<Named>& names : layer.names) {
    names_any.push_back(std::any_of(names.begin(), names.end(), [](const Named& one) { return one.cls >= 0; }));
  }
  for (std::uint32_t cell = 0; cell < cells_; ++cell) {
    const NameKind kind = symmetry_.naming[cell];
    if (kind != kNoNames && names_any[kind]) layer.naming_cells.push_back(cell);
  }
  layer.is_plain = !layer.has_pairs && layer.naming_cells.empty();
  layers_.push_back(std::move(layer));
}

void InstanceForm::arrange(std::int32_t* state) {
  for (const Layer& layer : layers_) {
    if (layer.is_plain) {
      sort_plain(layer, state);
      continue;
    }
    read(layer, state);
    at_depth(0).ranks.assign(layer.members, 0);
    found_ = false;
    search(layer, state, 0);
    std::copy(best_.begin(), best_.end(), state);
  }
}

/// Members sorted by their cells, which is all there is to them.
void InstanceForm::sort_plain(const Layer& layer, std::int32_t* state) {
  for (const Class& cls : layer.classes) {
    order_.resize(cls.size);
    const auto less = [&](std::uint32_t a, std::uint32_t b) {
      for (std::size_t field = 0; field < cls.own[a].size(); ++field) {
        const std::int32_t of_a = state[cls.own[a][field]];
        const std::int32_t of_b = state[cls.own[b][field]];
        if (of_a != of_b) return of_a < of_b;
      }
      return false;
    };
    if (sort_few(cls.size, order_.data(), less)) continue;
    moved_.clear();
    for (std::uint32_t place = 0; place < cls.size; ++place) {
      for (const std::uint32_t cell : cls.own[order_[place]]) moved_.push_back(state[cell]);
    }
    std::size_t next = 0;
    for (const std::vector<std::uint32_t>& own : cls.own) {
      for (const std::uint32_t cell : own) state[cell] = moved_[next++];
    }
  }
}

const MemberExchange& InstanceForm::exchange(const Class& cls, std::uint32_t i, std::uint32_t j) const {
  return cls.source->exchange[i][j - i - 1];
}

const InstanceForm::Named& InstanceForm::named(const Layer& layer, std::uint32_t cell, std::int32_t number) const {
  return layer.names[symmetry_.naming[cell]][static_cast<std::size_t>(number)];
}

InstanceForm::Depth& InstanceForm::at_depth(std::size_t depth) {
  while (depths_.size() <= depth) depths_.emplace_back();
  return depths_[depth];
}

/// Whether the exchange of members i < j leaves the state as it is.
bool InstanceForm::is_fixed(const Layer& layer, const Class& cls, std::uint32_t i, std::uint32_t j,
                            const std::int32_t* state) const {
  if (i >= cls.source->exchange.size()) {  // a large class: there is nothing but cells of its own
    for (std::size_t field = 0; field < cls.own[i].size(); ++field) {
      if (state[cls.own[i][field]] != state[cls.own[j][field]]) return false;
    }
    return true;
  }
  const MemberExchange& change = exchange(cls, i, j);
  const auto image = [&](std::uint32_t cell) { return change.image(symmetry_.naming[cell], state[cell]); };
  for (const auto& [a, b] : change.cells) {
    if (image(a) != state[b] || image(b) != state[a]) return false;
  }
  // Names in cells that stay; in the others they were compared, and comparing them with themselves says less.
  const auto moves = [&](std::uint32_t cell) {
    if (!cls.has_pairs) {
      return layer.owner_class[cell] >= 0 &&
             &layer.classes[static_cast<std::size_t>(layer.owner_class[cell])] == &cls &&
             (layer.owner_member[cell] == static_cast<std::int32_t>(i) ||
              layer.owner_member[cell] == static_cast<std::int32_t>(j));
    }
    return std::any_of(change.cells.begin(), change.cells.end(),
                       [&](const auto& pair) { return pair.first == cell || pair.second == cell; });
  };
  for (const std::uint32_t cell : layer.naming_cells) {
    if (image(cell) != state[cell] && !moves(cell)) return false;
  }
  return true;
}

/// What can be said of each member whatever the ranks of the others, and which members name which.
void InstanceForm::read(const Layer& layer, const std::int32_t* state) {
  said_.assign(layer.members, 0);
  links_.clear();
  for (const Class& cls : layer.classes) {
    for (std::uint32_t member = 0; member < cls.size; ++member) {
      std::uint64_t sum = 0;
      for (const std::uint32_t cell : cls.own[member]) {
        const bool names = symmetry_.naming[cell] != kNoNames && named(layer, cell, state[cell]).cls >= 0;
        sum = scramble(sum ^ (names ? ~std::uint64_t{0} : static_cast<std::uint64_t>(state[cell])));
      }
      said_[cls.first + member] = sum;
    }
  }
  for (const std::uint32_t cell : layer.naming_cells) {
    const Named& name = named(layer, cell, state[cell]);
    if (name.cls < 0) continue;
    const auto of = static_cast<std::size_t>(name.cls);
    const std::uint32_t target = layer.classes[of].first + static_cast<std::uint32_t>(name.member);
    const auto below = static_cast<std::uint64_t>(name.below);
    const std::int32_t owner_class = layer.owner_class[cell];
    if (owner_class < 0) {
      // A cell of no member, or one that several members share, which says nothing of itself.
      said_[target] += mix(layer.has_pairs ? 0 : scramble(cell), below);
      continue;
    }
    const std::uint32_t owner = layer.classes[static_cast<std::size_t>(owner_class)].first +
                                static_cast<std::uint32_t>(layer.owner_member[cell]);
    const std::uint64_t place =
        mix(static_cast<std::uint64_t>(owner_class), static_cast<std::uint64_t>(layer.owner_field[cell]));
    if (owner == target) {
      said_[target] += mix(place, ~below);
    } else {
      links_.push_back({owner, target, mix(mix(place, 2 * of), below), mix(mix(place, 1), below)});
    }
  }
}

/// Splits ranks by what can be said of members, until nothing more can be said.
void InstanceForm::refine(const Layer& layer, std::vector<std::uint32_t>& ranks) {
  std::size_t distinct = 0;
  for (;;) {
    signature_ = said_;
    for (const Link& link : links_) {
      signature_[link.owner] += scramble(link.of_owner + ranks[link.target]);
      signature_[link.target] += scramble(link.of_target + ranks[link.owner]);
    }
    std::size_t now = 0;
    bool is_discrete = true;
    for (const Class& cls : layer.classes) {
      const std::uint64_t* const signature = signature_.data() + cls.first;
      std::uint32_t* const rank = ranks.data() + cls.first;
      const auto less = [&](std::uint32_t a, std::uint32_t b) {
        return rank[a] != rank[b] ? rank[a] < rank[b] : signature[a] < signature[b];
      };
      order_.resize(cls.size);
      sort_few(cls.size, order_.data(), less);
      next_ranks_.resize(cls.size);
      std::uint32_t last = 0;
      next_ranks_[order_[0]] = 0;
      for (std::uint32_t place = 1; place < cls.size; ++place) {
        if (less(order_[place - 1], order_[place])) {
          last = place;
          ++now;
        } else {
          is_discrete = false;
        }
        next_ranks_[order_[place]] = last;
      }
      std::copy(next_ranks_.begin(), next_ranks_.end(), rank);
    }
    if (is_discrete || now <= distinct || links_.empty()) return;
    distinct = now;
  }
}

/// Refines, and where members cannot be told apart makes each of them in turn the first of its like.
void InstanceForm::search(const Layer& layer, const std::int32_t* state, std::size_t depth) {
  Depth& here = at_depth(depth);
  refine(layer, here.ranks);
  for (const Class& cls : layer.classes) {
    const std::uint32_t* const rank = here.ranks.data() + cls.first;
    for (std::uint32_t value = 0; value < cls.size; ++value) {
      here.tried.clear();
      std::uint32_t alike = 0;
      for (std::uint32_t member = 0; member < cls.size; ++member) {
        if (rank[member] != value) continue;
        ++alike;
        const bool known = std::any_of(here.tried.begin(), here.tried.end(), [&](std::uint32_t before) {
          return is_fixed(layer, cls, before, member, state);
        });
        if (!known) here.tried.push_back(member);
      }
      if (here.tried.size() < 2) {  // in any order they are the same
        if (alike > 1) value += alike - 1;
        continue;
      }
      for (const std::uint32_t first : here.tried) {
        std::vector<std::uint32_t>& finer = at_depth(depth + 1).ranks;
        finer = here.ranks;
        for (std::uint32_t member = 0; member < cls.size; ++member) {
          if (rank[member] == value && member != first) ++finer[cls.first + member];
        }
        search(layer, state, depth + 1);
      }
      return;
    }
  }
  put_in_order(layer, here.ranks, state, candidate_);
  if (!found_ || candidate_ < best_) best_.swap(candidate_);
  found_ = true;
}

/// The state with members in the order of their ranks.
void InstanceForm::put_in_order(const Layer& layer, const std::vector<std::uint32_t>& ranks, const std::int32_t* state,
                                std::vector<std::int32_t>& out) {
  out.assign(state, state + cells_);
  place_of_.resize(layer.members);
  for (const Class& cls : layer.classes) {
    const std::uint32_t* const rank = ranks.data() + cls.first;
    order_.resize(cls.size);
    sort_few(cls.size, order_.data(), [&](std::uint32_t a, std::uint32_t b) { return rank[a] < rank[b]; });
    for (std::uint32_t place = 0; place < cls.size; ++place) place_of_[cls.first + order_[place]] = place;
    if (cls.has_pairs) continue;
    for (std::uint32_t place = 0; place < cls.size; ++place) {
      if (order_[place] == place) continue;
      for (std::size_t field = 0; field < cls.own[place].size(); ++field) {
        out[cls.own[place][field]] = state[cls.own[order_[place]][field]];
      }
    }
  }
  for (const std::uint32_t cell : layer.naming_cells) {
    const Named& name = named(layer, cell, out[cell]);
    if (name.cls < 0) continue;
    const auto of = static_cast<std::size_t>(name.cls);
    if (layer.classes[of].has_pairs) continue;
    const auto& number_of = layer.number_of[symmetry_.naming[cell]];
    const std::uint32_t place = place_of_[layer.classes[of].first + static_cast<std::uint32_t>(name.member)];
    out[cell] = number_of[of][place][static_cast<std::size_t>(name.below)];
  }
  if (!layer.has_pairs) return;
  // The general way: one exchange after the other.
  for (const Class& cls : layer.classes) {
    if (!cls.has_pairs) continue;
    std::vector<std::uint32_t> goal(cls.size);
    for (std::uint32_t member = 0; member < cls.size; ++member) goal[place_of_[cls.first + member]] = member;
    std::vector<std::uint32_t> stands(cls.size);
    std::iota(stands.begin(), stands.end(), 0u);
    for (std::uint32_t place = 0; place < cls.size; ++place) {
      std::uint32_t at = place;
      while (stands[at] != goal[place]) ++at;
      if (at == place) continue;
      std::swap(stands[at], stands[place]);
      const MemberExchange& change = exchange(cls, place, at);
      for (const auto& [a, b] : change.cells) std::swap(out[a], out[b]);
      for (const std::uint32_t cell : layer.naming_cells) {
        out[cell] = change.image(symmetry_.naming[cell], out[cell]);
      }
    }
  }
}

}  // namespace quiesce::checker
