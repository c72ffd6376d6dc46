// Names of the Windows kernel, of C and of other kernels that authors of drivers write by habit, and what to write
// here instead: one table, used by every message about a name that does not exist. It is asked only after all names
// of the program, so a library may declare any of these. tests/unit/model/types/advice_test.cpp puts every
// example into a design and checks that it is accepted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quiesce::model::syntax {

struct ForeignName {
  /// Where the example may stand.
  enum class As { Statement, Value, Type, Member, Nothing };

  std::string_view name;     // a final '*' stands for any ending; the longest pattern that fits counts
  As as = As::Nothing;       //
  std::string_view example;  // what to write, "..." where statements of one's own stand; empty for Nothing
  std::string_view note;     // what else to know; may be empty
};

/// The whole table.
const std::vector<ForeignName>& foreign_names();

/// The entry of `name`; null when it is no well-known one. `exact`: patterns do not count.
const ForeignName* foreign_name(std::string_view name, bool exact = false);

/// The sentence for a note of a message: "write 'level()'".
std::string foreign_advice(const ForeignName& entry);

}  // namespace quiesce::model::syntax
