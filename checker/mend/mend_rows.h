// Rows of the table of mends in a file, so that a table that takes hours is not begun anew when it is ended before its
// time: one line of JSON for each design, with a key of everything that its rows depend on.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "checker/mend/mend_table.h"
#include "model/base/expected.h"

namespace quiesce::checker {

class MendRows {
 public:
  /// Reads the file where there is one; lines that are none of ours are left out. With "" nothing is kept in a file.
  explicit MendRows(std::string path);

  /// The rows known under the key; null when there are none.
  const std::vector<MendRow>* find(const std::string& key) const;

  /// Keeps the rows, in the file too, which is written whole. Nothing when it cannot be written.
  model::Expected<void> add(const std::string& key, const std::vector<MendRow>& rows);

 private:
  std::string path_;
  std::map<std::string, std::vector<MendRow>> rows_;  // by key
  std::string text_;                                  // of the file
};

}  // namespace quiesce::checker
