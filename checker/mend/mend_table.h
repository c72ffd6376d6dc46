// What became of the attempt to mend many checks, as a table: the measure of how good mends are on the broken designs
// of a library.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checker/mend/mend_file.h"

namespace quiesce::checker {

/// A check that breaks a rule.
struct MendRow {
  std::string design;               // file
  std::size_t check = 0;            // its number in the file, from 1
  std::vector<std::string> broken;  // rules
  bool is_mended = false;
  bool is_known = false;  // by the mend of an earlier check of the file
  std::string what;       // the mend, in words; else why there is none
  std::size_t lines = 0;  // that it changes
  std::size_t tried = 0;  // changes
};

/// Of everything that the rows of a design depend on, this version of the program excepted: its texts and the options.
/// 32 hexadecimal digits.
std::string mend_key(const LoadedDesign& design, const MendOptions& options);

MendRow mend_row(const LoadedDesign& design, const CheckMends& mends);

struct MendScore {
  std::size_t checks = 0;
  std::size_t mended = 0;
  std::size_t designs = 0;         // with such a check
  std::size_t mended_designs = 0;  // of which all such checks have a mend
  std::size_t some_designs = 0;    // of which one has, at least

  /// Mended checks, in percent, rounded down; 100 when there is none to mend.
  std::size_t percent() const { return checks == 0 ? 100 : mended * 100 / checks; }
};

MendScore mend_score(const std::vector<MendRow>& rows);

/// One row on one line.
std::string mend_line(const MendRow& row);

/// The score in a sentence.
std::string mend_summary(const MendScore& score);

/// Score and table for a document.
std::string mend_markdown(const std::vector<MendRow>& rows);

}  // namespace quiesce::checker
