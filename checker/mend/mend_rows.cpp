#include "checker/mend/mend_rows.h"

#include <sstream>
#include <utility>

#include <nlohmann/json.hpp>

#include "checker/files.h"

namespace quiesce::checker {

namespace {

using MendJson = nlohmann::ordered_json;

MendJson json_of_row(const MendRow& row) {
  return {{"design", row.design},     {"check", row.check}, {"broken", row.broken}, {"is_mended", row.is_mended},
          {"is_known", row.is_known}, {"what", row.what},   {"lines", row.lines},   {"tried", row.tried}};
}

MendRow row_of_json(const MendJson& json) {
  MendRow row;
  row.design = json.at("design").get<std::string>();
  row.check = json.at("check").get<std::size_t>();
  row.broken = json.at("broken").get<std::vector<std::string>>();
  row.is_mended = json.at("is_mended").get<bool>();
  row.is_known = json.at("is_known").get<bool>();
  row.what = json.at("what").get<std::string>();
  row.lines = json.at("lines").get<std::size_t>();
  row.tried = json.at("tried").get<std::size_t>();
  return row;
}

}  // namespace

MendRows::MendRows(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  const auto text = read_text(path_);
  if (!text) return;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    try {
      const MendJson json = MendJson::parse(line);
      std::vector<MendRow> rows;
      for (const MendJson& row : json.at("rows")) rows.push_back(row_of_json(row));
      rows_[json.at("key").get<std::string>()] = std::move(rows);
      text_ += line + "\n";
    } catch (const nlohmann::json::exception&) {  // cut off, or of another program
    }
  }
}

const std::vector<MendRow>* MendRows::find(const std::string& key) const {
  const auto found = rows_.find(key);
  return found != rows_.end() ? &found->second : nullptr;
}

model::Expected<void> MendRows::add(const std::string& key, const std::vector<MendRow>& rows) {
  rows_[key] = rows;
  if (path_.empty()) return {};
  MendJson line = {{"key", key}, {"rows", MendJson::array()}};
  for (const MendRow& row : rows) line["rows"].push_back(json_of_row(row));
  text_ += line.dump() + "\n";
  return write_atomically(path_, text_);
}

}  // namespace quiesce::checker
