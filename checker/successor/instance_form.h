// The representative of all states that differ only by an exchange of interchangeable instances.
//
// Where no number names a member of a class and every cell belongs to one member, members are sorted by their cells.
// Else they are told apart step by step as by colour refinement (McKay, "Practical graph isomorphism", 1981): by their
// own cells, then by the ranks of those that they name and that name them, until nothing new is learned. Members that
// still cannot be told apart are tried in every order, but for those whose exchange changes nothing, and the least
// state wins. Where this is exact two states have one representative exactly when one is a renaming of the other. It is
// not exact across depths: instances inside interchangeable ones are sorted first, by what stands in them, so that
// references between the two kinds may leave more than one representative. That costs states, not soundness: the
// representative is always a renaming of the state, and a function of the state alone.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "checker/result/instance_symmetry.h"

namespace quiesce::checker {

/// One per thread.
class InstanceForm {
 public:
  /// Requires: `symmetry` outlives this.
  explicit InstanceForm(const InstanceSymmetry& symmetry);

  bool is_trivial() const { return layers_.empty(); }

  /// Replaces `state` (one number per cell) by its representative. Cost: the cells that exchanges move, some times.
  void arrange(std::int32_t* state);

 private:
  /// What a number names: member `member` of class `cls` (in its layer), or something below it, which is `below` when
  /// said of the first member.
  struct Named {
    std::int32_t cls = -1;
    std::int32_t member = 0;
    std::int32_t below = 0;
  };
  struct Class {
    const InterchangeableClass* source = nullptr;
    std::uint32_t first = 0;  // among all members of the layer
    std::uint32_t size = 0;
    std::vector<std::vector<std::uint32_t>> own;  // by member: cells that belong to it alone, in the same order
    bool has_pairs = false;                       // some cell belongs to several members, of one class or two
  };
  /// Classes whose members stand at one depth.
  struct Layer {
    std::vector<Class> classes;
    std::uint32_t members = 0;                // of all classes
    bool has_pairs = false;                   // some class has
    bool is_plain = true;                     // no names, no pairs
    std::vector<std::uint32_t> naming_cells;  // cells whose numbers may name a member
    std::vector<std::int32_t> owner_class;    // by cell: whose own cell it is, -1: of no member
    std::vector<std::int32_t> owner_member, owner_field;
    std::vector<std::vector<Named>> names;                                       // by kind of names, by number
    std::vector<std::vector<std::vector<std::vector<std::int32_t>>>> number_of;  // by kind, class, member, `below`
  };
  /// A member names another: what that says of either, whatever their ranks.
  struct Link {
    std::uint32_t owner = 0;
    std::uint32_t target = 0;
    std::uint64_t of_owner = 0;
    std::uint64_t of_target = 0;
  };
  /// One depth of the search for the least state.
  struct Depth {
    std::vector<std::uint32_t> ranks;  // by member of the layer; equal within a class: not told apart
    std::vector<std::uint32_t> tried;
  };

  std::vector<bool> shared_cells(const std::vector<const InterchangeableClass*>& classes) const;
  void add_layer(const std::vector<const InterchangeableClass*>& classes);
  const MemberExchange& exchange(const Class& cls, std::uint32_t i, std::uint32_t j) const;
  const Named& named(const Layer& layer, std::uint32_t cell, std::int32_t number) const;
  bool is_fixed(const Layer& layer, const Class& cls, std::uint32_t i, std::uint32_t j,
                const std::int32_t* state) const;
  void sort_plain(const Layer& layer, std::int32_t* state);
  Depth& at_depth(std::size_t depth);
  void read(const Layer& layer, const std::int32_t* state);
  void refine(const Layer& layer, std::vector<std::uint32_t>& ranks);
  void search(const Layer& layer, const std::int32_t* state, std::size_t depth);
  void put_in_order(const Layer& layer, const std::vector<std::uint32_t>& ranks, const std::int32_t* state,
                    std::vector<std::int32_t>& out);

  const InstanceSymmetry& symmetry_;
  std::size_t cells_ = 0;
  std::vector<Layer> layers_;

  // Scratch.
  std::vector<std::uint32_t> order_;
  std::vector<std::int32_t> moved_;
  std::vector<std::uint64_t> said_;  // by member: what its own cells and those of no member say of it
  std::vector<Link> links_;
  std::vector<std::uint64_t> signature_;  // by member
  std::vector<std::uint32_t> next_ranks_;
  std::vector<std::uint32_t> place_of_;  // by member
  std::deque<Depth> depths_;
  std::vector<std::int32_t> best_, candidate_;
  bool found_ = false;
};

}  // namespace quiesce::checker
