#include "checker/successor/print_packing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace quiesce::checker {

using namespace model;

namespace {

std::string plural(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string layout(const PackedSystem& system) {
  const Packing& packing = system.packing();
  const std::vector<Cell>& cells = system.system().cells;
  std::vector<Packing::Field> fields;
  std::size_t width = 0;
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    const auto field = packing.field(CellId(cell));
    if (!field) continue;
    fields.push_back(*field);
    width = std::max(width, cells[cell].name.size());
  }
  std::sort(fields.begin(), fields.end(), [](const Packing::Field& a, const Packing::Field& b) {
    return std::pair(a.word, a.shift) < std::pair(b.word, b.shift);
  });
  std::string text =
      fmt::format("packing ({} in {})\n", plural(packing.bits(), "bit"), plural(packing.words(), "word"));
  std::uint32_t word = UINT32_MAX;
  for (const Packing::Field& field : fields) {
    if (field.word != word) text += fmt::format("  word {}\n", word = field.word);
    const std::uint32_t last = field.shift + field.bits - 1u;
    const std::string bits =
        field.bits == 1 ? fmt::format("bit {}", last) : fmt::format("bits {}..{}", field.shift, last);
    std::string code = fmt::format("{}..{}", field.lo, std::int64_t{field.lo} + field.range);
    if (field.encoding == Packing::Encoding::OneHot) code = "a bit per CPU";
    if (field.encoding == Packing::Encoding::Listed) {
      code.clear();
      const std::int32_t* list = packing.list(field);
      for (std::size_t i = 0; i < std::size_t{1} << field.bits; ++i) {
        if (i == 0 || list[i] != list[i - 1]) code += fmt::format("{}{}", i == 0 ? "" : ", ", list[i]);
      }
    }
    text += fmt::format("    {:<12}  {:<{}}  {}\n", bits, cells[field.cell].name, width, code);
  }
  const std::size_t none = cells.size() - fields.size();
  if (none != 0) text += fmt::format("  {} without bits: the same number in every state\n", plural(none, "cell"));
  return text;
}

std::string name_of(const TransitionSystem& system, const ProgramKey& key) {
  if (key.kind == ProgramKey::Kind::Act) return "action " + system.actions[key.index].name;
  const Context& context = system.contexts[key.index];
  std::string name = context.name;
  if (context.activations > 1) name += fmt::format(" activation {}", key.activation);
  name += key.kind == ProgramKey::Kind::Start ? " start" : fmt::format(" L{}", key.location);
  if (key.cpu != 0) name += fmt::format(" on CPU {}", key.cpu - 1);
  return name;
}

std::string commands(const PackedSystem& system) {
  const CommandTable& table = *system.table();
  std::size_t reached = 0, from_table = 0, count = 0, width = 0, guarded = 0;
  std::vector<std::pair<std::string, std::string>> coded;
  for (const DerivedProgram& program : table.programs) {
    if (!program.is_reached) continue;
    ++reached;
    if (program.reason.empty()) {
      ++from_table;
      count += program.commands.size();
      continue;
    }
    guarded += program.is_guarded;
    coded.emplace_back(name_of(system.system(), program.key), program.reason);
    width = std::max(width, coded.back().first.size());
  }
  std::string text = fmt::format("steps ({} of {} from the command table)\n", from_table, plural(reached, "program"));
  text += fmt::format("  {} in {} of eight\n", plural(count, "command"), plural(table.match.blocks.size(), "block"));
  if (!table.index.is_empty()) {
    text += fmt::format("  those of actions behind an index of {}\n", plural(table.index.nodes(), "node"));
  }
  const std::size_t unreached = table.programs.size() - reached;
  if (unreached != 0) text += fmt::format("  {} that no run reaches\n", plural(unreached, "program"));
  if (!coded.empty()) {
    const std::string behind =
        fmt::format(" ({} of {} only where a guard in the table matches)", guarded, coded.size());
    text += fmt::format("  in bytecode{}\n", guarded == 0 ? "" : behind);
  }
  for (const auto& [name, reason] : coded) text += fmt::format("    {:<{}}  {}\n", name, width, reason);
  return text;
}

}  // namespace

std::string print_packing(const PackedSystem& system) { return layout(system) + "\n" + commands(system); }

}  // namespace quiesce::checker
