// Why a mutant that no design notices stays: a text that is kept beside the library. An entry names the mutant by what
// it changes, not by a line number, so that it survives changes elsewhere:
//
//     # A comment.
//     wdm.line Line.left_up
//       was      !latched && (claimed || dropped.empty)
//       now      !latched && dropped.empty
//       because  ... may continue
//                in further lines.
//
// `equivalent` behind the place says more: no design whatever can notice it, because the two conditions mean the same
// where they are asked. Such a mutant does not count.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checker/mutation/mutant.h"
#include "model/base/expected.h"

namespace quiesce::checker {

struct Explanation {
  std::string module;
  std::string place;
  std::string was;
  std::string now;
  std::string because;
  bool equivalent = false;
  std::size_t line = 0;  // of the file, from 1

  bool fits(const Mutant& mutant) const {
    return module == mutant.module && place == mutant.place && was == mutant.was && now == mutant.now;
  }
};

/// The entries of `text`; nothing when it is malformed.
model::Expected<std::vector<Explanation>> parse_reasons(const std::string& text);

}  // namespace quiesce::checker
