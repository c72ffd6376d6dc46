#include "checker/successor/cell_reader.h"

namespace quiesce::checker {

CellReader cell_reader(const Packing& packing, model::CellId cell) {
  CellReader reader;
  const auto field = packing.field(cell);
  if (!field) {
    reader.bias = packing.constant(cell);
    return reader;
  }
  reader.word = field->word;
  reader.shift = field->shift;
  reader.mask = packing.mask(cell) >> field->shift;
  reader.bias = field->lo;
  reader.one_hot = field->encoding == Packing::Encoding::OneHot;
  if (field->encoding == Packing::Encoding::Listed) reader.list = packing.list(*field);
  return reader;
}

}  // namespace quiesce::checker
