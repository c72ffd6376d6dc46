#include "checker/reduce/symmetry.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "checker/reduce/correspondence.h"
#include "checker/reduce/instance_renaming.h"
#include "checker/reduce/related_instances.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// A class larger than this, whose members can be named or related to each other, is cut to so many members: the
/// canonical form may have to try all their orders.
constexpr std::size_t kMaxRelated = 8;
// Beyond these no further ones are tried: comparing all instances of a large array takes longer than the search saves.
constexpr std::size_t kMostMembers = 64;             // of a class
constexpr std::size_t kMostCandidates = 64;          // classes of one array
constexpr std::size_t kMostComparisons = 1'000'000;  // of an instance or an expression with its image: some seconds

/// "dev" and "[3]" of "line.dev[3]" below "line"; no index for what is no element of an array.
struct ArrayName {
  std::string array;
  std::string index;
};

ArrayName split(const std::string& path) {
  const std::size_t bracket = path.back() == ']' ? path.rfind('[') : std::string::npos;
  if (bracket == std::string::npos) return {path, ""};
  return {path.substr(0, bracket), path.substr(bracket)};
}

class Finder {
 public:
  Finder(const TransitionSystem& system, const SearchControl* control)
      : system_(system), control_(control), table_(system), witness_of_(system.properties.size()) {
    std::iota(witness_of_.begin(), witness_of_.end(), 0u);
  }

  InstanceSymmetry find() {
    std::map<std::uint32_t, std::vector<std::uint32_t>> children;
    for (std::uint32_t i = 0; i < system_.instances.size(); ++i) {
      if (system_.instances[i].parent) children[system_.instances[i].parent->value].push_back(i);
    }
    for (const auto& family : children) find_among(family.second);
    std::stable_sort(result_.classes.begin(), result_.classes.end(),
                     [](const auto& a, const auto& b) { return a.depth > b.depth; });
    name_numbers();
    result_.witness_of = std::move(witness_of_);
    return std::move(result_);
  }

 private:
  using Paths = std::vector<std::string>;  // of one member: one instance, or one of each array
  using PlaceOf = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;  // depth, context, location number

  struct Candidate {
    std::vector<Paths> members;
    std::vector<InstanceRenaming> with_first;  // the exchange of the first with each other
  };

  /// The exchange of the first member of a class with another.
  struct FoundExchange {
    std::uint32_t depth = 0;
    std::size_t members = 0;  // of the class
    InstanceRenaming renaming;
  };

  void find_among(const std::vector<std::uint32_t>& siblings) {
    const std::uint32_t depth = depth_of(siblings.front());
    // Alone: instances of one machine.
    std::map<std::string, std::vector<Paths>> of_machine;
    std::vector<std::string> machines;  // in order of elaboration
    for (const std::uint32_t i : siblings) {
      const Instance& instance = system_.instances[i];
      if (of_machine.count(instance.machine) == 0) machines.push_back(instance.machine);
      of_machine[instance.machine].push_back({instance.path});
    }
    std::set<std::string> done;                  // paths that are in some class
    std::map<std::string, Refusal> refusals;     // by array: why its elements differ
    std::map<std::string, Paths> refused_paths;  // and which
    for (const std::string& machine : machines) {
      const std::vector<Paths>& members = of_machine[machine];
      if (members.size() < 2) continue;
      classify(members, depth, done, [&](const Paths& a, const Paths& b, const Refusal& refusal) {
        const ArrayName first = split(a.front());
        const ArrayName second = split(b.front());
        if (first.index.empty() || first.array != second.array) return;
        if (refusals.emplace(first.array, refusal).second) refused_paths[first.array] = {a.front(), b.front()};
      });
    }
    // Together: the elements with one index of all arrays that are left.
    std::map<std::string, Paths> of_index;
    std::vector<std::string> indices;
    for (const std::uint32_t i : siblings) {
      const std::string& path = system_.instances[i].path;
      const ArrayName name = split(path);
      if (name.index.empty() || done.count(path) > 0) continue;
      if (of_index.count(name.index) == 0) indices.push_back(name.index);
      of_index[name.index].push_back(path);
    }
    std::vector<Paths> groups;
    for (const std::string& index : indices) groups.push_back(of_index[index]);
    if (groups.size() > 1 && groups.front().size() > 1) {
      classify(groups, depth, done, [&](const Paths& a, const Paths& b, const Refusal& refusal) {
        // What is in the way of the whole group is the better reason.
        for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) refusals[split(a[i]).array] = refusal;
      });
    }
    find_related(siblings, of_machine, machines, depth, done);
    for (const auto& [array, paths] : refused_paths) {
      if (done.count(paths[0]) > 0 && done.count(paths[1]) > 0) continue;
      const Refusal& refusal = refusals[array];
      result_.obstacles.push_back({paths[0], paths[1], refusal.reason, refusal.span});
    }
  }

  /// Instances of one machine together with what belongs to each of them.
  void find_related(const std::vector<std::uint32_t>& siblings,
                    const std::map<std::string, std::vector<Paths>>& of_machine,
                    const std::vector<std::string>& machines, std::uint32_t depth, std::set<std::string>& done) {
    for (const std::string& machine : machines) {
      std::vector<std::uint32_t> instances;
      std::vector<std::uint32_t> others;
      for (const std::uint32_t i : siblings) {
        if (done.count(system_.instances[i].path) > 0) continue;
        (system_.instances[i].machine == machine ? instances : others).push_back(i);
      }
      if (instances.size() < 2 || of_machine.at(machine).size() > kMostMembers) continue;
      others.insert(others.end(), instances.begin(), instances.end());
      std::vector<Paths> groups;
      for (const std::vector<std::uint32_t>& group : related_groups(system_, instances, others)) {
        groups.emplace_back();
        for (const std::uint32_t i : group) groups.back().push_back(system_.instances[i].path);
      }
      if (std::all_of(groups.begin(), groups.end(), [](const Paths& group) { return group.size() == 1; })) continue;
      classify(groups, depth, done, [](const Paths&, const Paths&, const Refusal&) {});
    }
  }

  std::uint32_t depth_of(std::uint32_t instance) const {
    std::uint32_t depth = 0;
    while (system_.instances[instance].parent) {
      instance = system_.instances[instance].parent->value;
      ++depth;
    }
    return depth;
  }

  /// Puts each of `members` into a class with those that it is proven to be interchangeable with; tells `refused` of
  /// the others. To be interchangeable is an equivalence: what a sequence of exchanges does is a symmetry too.
  template <typename Refused>
  void classify(const std::vector<Paths>& members, std::uint32_t depth, std::set<std::string>& done,
                const Refused& refused) {
    std::vector<Candidate> candidates;
    for (const Paths& member : members) {
      if (done.count(member.front()) > 0) continue;
      bool found = false;
      for (Candidate& candidate : candidates) {
        const Paths& first = candidate.members.front();
        if (candidate.members.size() == kMostMembers) continue;
        Refusal refusal;
        if (auto renaming = exchange(first, member, refusal)) {
          candidate.members.push_back(member);
          candidate.with_first.push_back(std::move(*renaming));
          found = true;
          break;
        }
        refused(first, member, refusal);
      }
      if (!found && candidates.size() < kMostCandidates) candidates.push_back({{member}, {}});
    }
    for (Candidate& candidate : candidates) {
      if (candidate.members.size() < 2) continue;
      for (const Paths& member : candidate.members) done.insert(member.begin(), member.end());
      add_class(candidate, depth);
    }
  }

  std::optional<InstanceRenaming> exchange(const Paths& a, const Paths& b, Refusal& refusal) {
    if (control_ != nullptr) control_->check();
    if (a.size() != b.size()) return std::nullopt;
    comparisons_ += system_.instances.size() + system_.expressions.size();
    if (comparisons_ > kMostComparisons) {
      refusal.reason = {Asymmetry::Kind::TooMany};
      return std::nullopt;
    }
    std::vector<std::pair<std::string, std::string>> pairs;
    for (std::size_t i = 0; i < a.size(); ++i) pairs.emplace_back(a[i], b[i]);
    std::optional<InstanceRenaming> renaming = propose_exchange(system_, table_, pairs, refusal);
    if (!renaming || !is_automorphism(system_, table_, *renaming, refusal)) return std::nullopt;
    return renaming;
  }

  void add_class(Candidate& candidate, std::uint32_t depth) {
    if (!places_name_members(candidate, depth)) return;
    if (is_related(candidate) && candidate.members.size() > kMaxRelated) {
      candidate.members.resize(kMaxRelated);
      candidate.with_first.resize(kMaxRelated - 1);
    }
    if (!goes_with_others(candidate, depth)) return;
    InterchangeableClass result;
    result.depth = depth;
    for (const Paths& member : candidate.members) {
      std::string name;
      for (const std::string& path : member) name += (name.empty() ? "" : " + ") + path;
      result.members.push_back(std::move(name));
    }
    bool does_anything = false;
    for (std::size_t i = 0; i + 1 < candidate.members.size(); ++i) {
      if (i > 0 && candidate.members.size() > kMaxRelated) break;  // sorting needs no others
      result.exchange.emplace_back();
      for (std::size_t j = i + 1; j < candidate.members.size(); ++j) {
        const MemberExchange exchange = exchange_of(candidate, i, j);
        does_anything = does_anything || !exchange.cells.empty();
        result.exchange.back().push_back(exchange);
      }
    }
    if (does_anything) result_.classes.push_back(std::move(result));
    for (const InstanceRenaming& renaming : candidate.with_first) {
      for (std::size_t i = 0; i < renaming.properties.size(); ++i) {
        const std::uint32_t a = witness_of_[i];
        const std::uint32_t b = witness_of_[renaming.properties[i]];
        std::replace(witness_of_.begin(), witness_of_.end(), std::max(a, b), std::min(a, b));
      }
    }
  }

  /// Whether a number can name a member, or a cell belongs to two of them.
  bool is_related(const Candidate& candidate) const {
    if (control_ != nullptr) control_->check();
    for (const InstanceRenaming& renaming : candidate.with_first) {
      for (std::size_t cell = 0; cell < system_.cells.size(); ++cell) {
        for (const std::int64_t number : table_.possible[cell]) {
          if (renaming.named(table_, cell, number) != number) return true;
        }
      }
    }
    // With three members or more, a cell of the first alone moves in every exchange with it and stays in the others.
    if (candidate.with_first.size() < 2) return false;
    for (std::size_t cell = 0; cell < system_.cells.size(); ++cell) {
      std::size_t moves = 0;
      for (const InstanceRenaming& renaming : candidate.with_first) moves += renaming.cells[cell] != cell ? 1 : 0;
      if (moves != 0 && moves != 1 && moves != candidate.with_first.size()) return true;
      if (moves == candidate.with_first.size()) {
        // Its images must be cells of one member each.
        for (std::size_t k = 0; k < candidate.with_first.size(); ++k) {
          const std::uint32_t image = candidate.with_first[k].cells[cell];
          for (std::size_t other = 0; other < candidate.with_first.size(); ++other) {
            if (other != k && candidate.with_first[other].cells[image] != image) return true;
          }
        }
      }
    }
    return false;
  }

  /// The exchange of members i and j, made of exchanges with the first one.
  MemberExchange exchange_of(const Candidate& candidate, std::size_t i, std::size_t j) const {
    const auto compose = [&](const auto& map_of, std::size_t size) {
      std::vector<std::uint32_t> result(size);
      for (std::uint32_t x = 0; x < size; ++x) {
        if (i == 0) {
          result[x] = map_of(candidate.with_first[j - 1])[x];
        } else {
          const auto& with_i = map_of(candidate.with_first[i - 1]);
          result[x] = with_i[map_of(candidate.with_first[j - 1])[with_i[x]]];
        }
      }
      return result;
    };
    MemberExchange result;
    const auto cells = compose(
        [](const InstanceRenaming& r) -> const auto& { return r.cells; }, system_.cells.size());
    for (std::uint32_t cell = 0; cell < cells.size(); ++cell) {
      if (cell < cells[cell]) result.cells.emplace_back(cell, cells[cell]);
    }
    const auto named = [](const std::vector<std::uint32_t>& map) {
      std::vector<std::int32_t> numbers = {0};
      for (const std::uint32_t image : map) numbers.push_back(static_cast<std::int32_t>(image) + 1);
      return numbers;
    };
    result.names.push_back(named(compose(
        [](const InstanceRenaming& r) -> const auto& { return r.instances; }, system_.instances.size())));
    result.names.push_back(named(compose(
        [](const InstanceRenaming& r) -> const auto& { return r.slots; }, system_.slots)));
    for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
      const std::size_t places = system_.contexts[k].locations.size() + 1;
      std::vector<std::vector<std::uint32_t>> whole(
          candidate.with_first.size());  // without the short form of "the same"
      for (std::size_t e = 0; e < whole.size(); ++e) {
        for (std::uint32_t n = 0; n < places; ++n) whole[e].push_back(candidate.with_first[e].place(k, n));
      }
      const auto image = [&](std::uint32_t n) {
        return i == 0 ? whole[j - 1][n] : whole[i - 1][whole[j - 1][whole[i - 1][n]]];
      };
      result.names.emplace_back();
      for (std::uint32_t n = 0; n < places; ++n) result.names.back().push_back(static_cast<std::int32_t>(image(n)));
    }
    return result;
  }

  /// Whether each place that an exchange of these members moves names one of them, and no place that names a member of
  /// another class of this depth: that is what canonical forms understand.
  bool places_name_members(const Candidate& candidate, std::uint32_t depth) {
    const std::size_t all = candidate.with_first.size();
    const auto images_of = [&](std::uint32_t k, std::uint32_t n) {
      std::vector<std::uint32_t> images;
      for (const InstanceRenaming& renaming : candidate.with_first) {
        if (renaming.place(k, n) != n) images.push_back(renaming.place(k, n));
      }
      return images;
    };
    // A place of the first member goes to one of each other, which goes nowhere but back.
    const auto is_of_first = [&](std::uint32_t k, std::uint32_t n) {
      const std::vector<std::uint32_t> images = images_of(k, n);
      return images.size() == all && std::set<std::uint32_t>(images.begin(), images.end()).size() == all &&
             std::all_of(images.begin(), images.end(),
                         [&](std::uint32_t image) { return images_of(k, image).size() == 1; });
    };
    std::set<PlaceOf> named;
    for (std::uint32_t k = 0; k < system_.contexts.size(); ++k) {
      for (std::uint32_t n = 1; n <= system_.contexts[k].locations.size(); ++n) {
        const std::vector<std::uint32_t> images = images_of(k, n);
        if (images.empty()) continue;
        if (!is_of_first(k, n) && !(images.size() == 1 && is_of_first(k, images.front()))) return false;
        if (named_places_.count({depth, k, n}) > 0) return false;
        named.insert({depth, k, n});
      }
    }
    named_places_.merge(named);
    return true;
  }

  /// Whether canonical forms understand exchanges of these members along with those of the other classes of this depth.
  /// A cell that both move belongs to a pair of members, like a local of a thread in the routine of an instance that it
  /// calls: then both need the exchange of any two, which large classes do not have. And contexts that change places
  /// with one another must name members by the same places.
  bool goes_with_others(const Candidate& candidate, std::uint32_t depth) {
    for (const FoundExchange& other : found_) {
      if (other.depth != depth) continue;
      const bool is_large = std::max(other.members, candidate.members.size()) > kMaxRelated;
      for (const InstanceRenaming& renaming : candidate.with_first) {
        if (is_large && share_cells(renaming, other.renaming)) return false;
        if (!keeps_places(renaming, other.renaming) || !keeps_places(other.renaming, renaming)) return false;
      }
    }
    for (const InstanceRenaming& renaming : candidate.with_first) {
      found_.push_back({depth, candidate.members.size(), renaming});
    }
    return true;
  }
  static bool share_cells(const InstanceRenaming& a, const InstanceRenaming& b) {
    for (std::size_t cell = 0; cell < a.cells.size(); ++cell) {
      if (a.cells[cell] != cell && b.cells[cell] != cell) return true;
    }
    return false;
  }
  /// Whether `a` makes the same of the places of two contexts that `b` exchanges.
  static bool keeps_places(const InstanceRenaming& a, const InstanceRenaming& b) {
    for (std::size_t k = 0; k < b.contexts.size(); ++k) {
      if (a.places[k] != a.places[b.contexts[k]]) return false;
    }
    return true;
  }

  /// Gives a kind of names to each context of which some exchange moves places, and drops the maps of the others.
  void name_numbers() {
    result_.moves_places.assign(system_.contexts.size(), false);
    std::vector<NameKind> kind(system_.contexts.size(), kNoNames);
    NameKind next = kSlotNames + 1;
    const auto for_each_exchange = [&](const auto& visit) {
      for (InterchangeableClass& one : result_.classes) {
        for (std::vector<MemberExchange>& row : one.exchange) {
          for (MemberExchange& exchange : row) visit(exchange);
        }
      }
    };
    for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
      for_each_exchange([&](const MemberExchange& exchange) {
        const std::vector<std::int32_t>& map = exchange.names[kSlotNames + 1 + k];
        for (std::size_t n = 0; n < map.size(); ++n) {
          if (map[n] != static_cast<std::int32_t>(n)) result_.moves_places[k] = true;
        }
      });
      if (result_.moves_places[k]) kind[k] = next++;
    }
    for_each_exchange([&](MemberExchange& exchange) {
      std::vector<std::vector<std::int32_t>> kept(exchange.names.begin(), exchange.names.begin() + kSlotNames + 1);
      for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
        if (result_.moves_places[k]) kept.push_back(exchange.names[kSlotNames + 1 + k]);
      }
      exchange.names = std::move(kept);
    });
    for (std::size_t cell = 0; cell < system_.cells.size(); ++cell) {
      switch (table_.naming[cell]) {
        case Naming::Nothing:
          result_.naming.push_back(kNoNames);
          break;
        case Naming::Instance:
          result_.naming.push_back(kInstanceNames);
          break;
        case Naming::Slot:
          result_.naming.push_back(kSlotNames);
          break;
        case Naming::Place:
          result_.naming.push_back(kind[table_.context[cell]]);
          break;
      }
    }
  }

  const TransitionSystem& system_;
  const SearchControl* control_;
  NamingTable table_;
  std::size_t comparisons_ = 0;
  std::vector<std::uint32_t> witness_of_;
  std::set<PlaceOf> named_places_;    // by classes found so far
  std::vector<FoundExchange> found_;  // of all classes
  InstanceSymmetry result_;
};

}  // namespace

InstanceSymmetry find_symmetry(const TransitionSystem& system, const SearchControl* control) {
  return Finder(system, control).find();
}

}  // namespace quiesce::checker
