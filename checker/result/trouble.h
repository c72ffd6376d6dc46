// What keeps a search from beginning, or goes wrong beside it: data, of which reports make sentences
// (checker/report/sentences.h). `why` is what a lower part said: the operating system, an encoder, a solver's recheck.
#pragma once

#include <string>
#include <variant>

namespace quiesce::checker {

/// The file that a search continues from, or writes to be continued.
struct CheckpointTrouble {
  enum class Kind {
    NotWritten,        // `why`
    NotRead,           // `why`
    NotACheckpoint,    // it does not begin as one
    OfAnotherVersion,  // of this program
    OfAnotherSearch,   // of another design, or with an option that changes what is visited
    Damaged,           // or larger than the memory
  };
  Kind kind = Kind::NotWritten;
  std::string path;
  std::string why = {};
};

/// The file of a part of a swarm was not written.
struct PartNotWritten {
  std::string why;
};

/// A symbolic engine has no form for the system.
struct NotEncoded {
  enum class Form { Formulas, Bits, Abstraction };
  Form form = Form::Formulas;
  std::string why;
};

/// What an engine claims did not pass the check that everything passes before it is reported: a mistake of ours.
struct NotConfirmed {
  enum class What { Run, ByCadical, ByZ3 };
  What what = What::Run;
  std::string why;
  std::string rule = {};  // Run: that it is said to break
};

/// The engine asked for cannot decide rules for all values of a number without bounds.
struct NeedsBounds {
  std::string name;
};

/// No param of this name is left open.
struct NotLeftOpen {
  std::string param;
};

using Trouble = std::variant<CheckpointTrouble, PartNotWritten, NotEncoded, NotConfirmed, NeedsBounds, NotLeftOpen>;

}  // namespace quiesce::checker
