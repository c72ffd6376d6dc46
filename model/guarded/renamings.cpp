#include "model/guarded/renamings.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace quiesce::model {

namespace {

constexpr std::size_t kMaxRenamings = 1'000;

}  // namespace

Renamings::Renamings(const Formulas& formulas) : Formulas(formulas) {
  std::vector<Image> images;
  for (const CpuRenaming& renaming : cpu_renamings(system())) images.push_back(rename_cpus(renaming));
  for (const Context& context : system().contexts) {
    if (context.activations < 2) continue;
    std::vector<std::uint32_t> order(context.activations);
    std::iota(order.begin(), order.end(), 0u);
    std::vector<Image> more;
    do {
      for (const Image& image : images) more.push_back(rename_activations(image, context, order));
      if (more.size() > kMaxRenamings) throw TooLarge{fmt::format("it has more than {} renamings", kMaxRenamings)};
    } while (std::next_permutation(order.begin(), order.end()));
    images = std::move(more);
  }
  for (const Image& image : images) {
    GuardedRenaming renaming;
    renaming.is_less = no();
    for (std::size_t i = image.size(); i-- > 0;) {
      const ExprId old_value = cell(CellId(i));
      if (image[i] == old_value) continue;
      // Such a cell is not the same in all states, whatever the steps do.
      if (result().constant[i]) not_constant.insert(i);
      renaming.updates.insert(renaming.updates.begin(), {CellId(i), image[i]});
      renaming.is_less = disj(table().binary(BinaryOp::Less, image[i], old_value),
                              conj(table().equal(image[i], old_value), renaming.is_less));
    }
    if (!renaming.updates.empty()) all.push_back(std::move(renaming));
  }
}

ExprId Renamings::mapped(ExprId value, const std::vector<std::int64_t>& image) {
  ExprId result = value;
  for (std::size_t i = 0; i < image.size(); ++i) {
    const auto from = static_cast<std::int64_t>(i);
    if (image[i] != from)
      result = table().conditional(table().equal(value, constant(from)), constant(image[i]), result);
  }
  return result;
}

Renamings::Image Renamings::rename_cpus(const CpuRenaming& renaming) {
  std::vector<std::int64_t> image = {0};
  for (const std::uint32_t cpu : renaming) image.push_back(cpu + 1);
  Image result;
  for (std::size_t i = 0; i < system().cells.size(); ++i) {
    const ExprId value = cell(CellId(i));
    result.push_back(system().cells[i].kind == CellKind::Cpu ? mapped(value, image) : value);
  }
  for (const CpuBlocks& blocks : system().cpu_blocks) {
    const Image before = result;
    for (std::size_t cpu = 0; cpu < blocks.first.size(); ++cpu) {
      for (std::uint32_t offset = 0; offset < blocks.length; ++offset) {
        result[blocks.first[renaming[cpu]].value + offset] = before[blocks.first[cpu].value + offset];
      }
    }
  }
  return result;
}

Renamings::Image Renamings::rename_activations(const Image& before, const Context& context,
                                               const std::vector<std::uint32_t>& order) {
  Image result = before;
  std::vector<std::int64_t> image(system().slots + 1);
  std::iota(image.begin(), image.end(), 0);
  const auto move = [&](CellId from, CellId to) { result[to.value] = before[from.value]; };
  for (std::uint32_t a = 0; a < context.activations; ++a) {
    const std::uint32_t to = order[a];
    move(context.location_cell[a], context.location_cell[to]);
    move(context.level_cell[a], context.level_cell[to]);
    move(context.cpu_cell[a], context.cpu_cell[to]);
    if (!context.affinity_cell.empty()) move(context.affinity_cell[a], context.affinity_cell[to]);
    if (!context.local_cells.empty()) {
      for (std::size_t i = 0; i < context.local_cells[a].size(); ++i) {
        move(context.local_cells[a][i], context.local_cells[to][i]);
      }
    }
    image[context.first_slot + a + 1] = context.first_slot + to + 1;
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (system().cells[i].kind == CellKind::Slot) result[i] = mapped(result[i], image);
  }
  return result;
}

}  // namespace quiesce::model
