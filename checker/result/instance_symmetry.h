// Which instances of a system are interchangeable, as proven by checker/reduce/symmetry.h, in the form in which
// canonical forms and reports use it. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/base/source.h"

namespace quiesce::checker {

/// Numbers of one *kind of names* name things of one sort: instances (0 = nothing, i + 1 = instance i), activations (0
/// = nothing, 1 + slot), and the places of each context that calls one member here and another one there (its location
/// numbers). A kind is a position in MemberExchange::names; what names nothing has none.
using NameKind = std::uint32_t;
constexpr NameKind kInstanceNames = 0;
constexpr NameKind kSlotNames = 1;
constexpr NameKind kNoNames = ~NameKind{0};

/// The exchange of two members of a class, as a renaming of states: numbers move between cells, and numbers that name
/// something name its counterpart. Doing it twice changes nothing.
struct MemberExchange {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> cells;  // pairs that change places, the lesser first
  std::vector<std::vector<std::int32_t>> names;                // by kind of names: by number its image

  /// What a number of a kind of names becomes.
  std::int32_t image(NameKind kind, std::int32_t number) const {
    return kind == kNoNames ? number : names[kind][static_cast<std::size_t>(number)];
  }
};

/// Instances (or groups of instances: the device and the driver of each index) of which any permutation is an
/// automorphism of the system.
struct InterchangeableClass {
  std::vector<std::string> members;                   // paths; groups are joined with " + "
  std::vector<std::vector<MemberExchange>> exchange;  // of i < j at [i][j - i - 1]; with more than 8 members only i = 0
  std::uint32_t depth = 0;                            // how deep its members stand in the tree of instances
};

/// What differs between two instances that look interchangeable.
struct Asymmetry {
  enum class Kind {
    NotSaid,             // the instances have not even the same number of arrays
    TooMany,             // instances, so that they were not compared
    NotOneToOne,         // the parts of one go to fewer parts of the other
    NoCounterpart,       // `first` should correspond to `second`, which there is not
    Machines,            // `first` and `second` are instances of different machines
    OneHasLife,          // only one of `first` and `second` has a life
    Parts,               // contexts `first` and `second` have different numbers of activations, locations or cells
    Locals,              // contexts `first` and `second` have different numbers of locals
    NoSuchPlace,         // a location of context `first` corresponds to none
    SeveralActivations,  // context `first` has several, and its locations change places
    Types,               // of the variables `first` and `second`
    Values,              // that the cells `first` and `second` can hold
    Locks,               // lock `first` corresponds to none
    CpuArrays,           // an array over CPUs does not stay one
    TwoInitialValues,    // of the cell `first`
    InitialValues,       // of the cells `first` and `second`
    InitialStates,       // the conditions on all of them together
    Conditions,          // a property of the rule `first` corresponds to none
    Declarations,        // of the contexts `first` and `second`
    StartConditions,     // of the contexts `first` and `second`
    StartCpus,           // of the contexts `first` and `second`
    Waits,               // what context `first` waits for at some location
    ActionConditions,    // of the actions `first` and `second`
    Writes,              // what the contexts `first` and `second` may write
    ActionWrites,        // what the action `first` may write
    Steps,               // a program of the context or action `first` corresponds to none
  };
  Kind kind = Kind::NotSaid;
  std::string first = {};   // name in the system of a part of the one, as the kind says
  std::string second = {};  // likewise of the other
};

/// Instances that look interchangeable and are not.
struct SymmetryObstacle {
  std::string first, second;  // their paths
  Asymmetry reason;           // what differs
  model::Span span;           // where; may be nowhere
};

/// What a report tells of it.
struct SymmetryFacts {
  std::vector<std::vector<std::string>> classes;  // members of each class that was reduced
  std::vector<SymmetryObstacle> obstacles;
};

struct InstanceSymmetry {
  std::vector<InterchangeableClass> classes;  // inner ones before those around them
  std::vector<NameKind> naming;               // by cell
  std::vector<bool> moves_places;             // by context: some exchange maps its places to others of its own
  std::vector<std::uint32_t> witness_of;  // by property: the first one of which a witness, with members exchanged, is
                                          // a witness of this one too; itself when there is none
  std::vector<SymmetryObstacle> obstacles;

  bool is_trivial() const { return classes.empty(); }
};

}  // namespace quiesce::checker
