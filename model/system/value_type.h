// The types of values at run time, after elaboration: every bound is a number, every reference has a
// finite list of instances it can name. They say how a value is laid out in cells and how cells are
// printed as a value again. Plain data, built by elaborate/, read by all later stages.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/base/level_names.h"

namespace quiesce::model {

struct ValueType;
using ValueTypePtr = std::shared_ptr<const ValueType>;

/// How a value of the language is laid out in consecutive cells.
///
/// | kind     | cells                           | meaning of the cells                                        |
/// |----------|---------------------------------|-------------------------------------------------------------|
/// | Bool     | 1                               | 0, 1                                                        |
/// | Int      | 1                               | lo..hi                                                      |
/// | Enum     | 1                               | position in `names`                                         |
/// | Level    | 1                               | 0 .. kMaxLevel; `names` by level, "" for one without        |
/// | Cpu      | 1                               | 0 = none (rest value, or null of `Cpu?`), c + 1 = CPU c     |
/// | Ref      | 1                               | 0 = none (rest value, or null of `ref M?`), i + 1 =         |
/// |          |                                 | instance i (one of `targets`), whatever the static type     |
/// | Optional | of Bool, Int, Enum, Level: 1    | its value, or lo - 1 for null (Bool, Enum, Level: -1)       |
/// |          | of Cpu, Ref: 1                  | the same cell, 0 = null                                     |
/// |          | of all others: 1 + `element`    | present (0/1), then the element, which rests when absent    |
/// | Struct   | sum of `fields`                 | the fields in order                                         |
/// | Array    | count x `element`               | the elements in index order                                 |
/// | Set      | one for each value of `element` | 0/1 each, in the order of the values (lo first; CPU 0 first)|
/// | Queue    | 1 + `capacity` x `element`      | length, then the elements; those past the length rest       |
/// | Spinlock | 2                               | holder (0 = free, 1 + slot), level to restore (rests at 0)  |
/// | Mutex    | 1                               | holder (0 = free, 1 + slot)                                 |
///
/// The **rest value** of a type is what a cell holds when its variable is dead or out of scope: 0 where
/// 0 is in the domain, else lo; null for optionals; empty for sets and queues; 0 (none) for Cpu and Ref.
struct ValueType {
  enum class Kind { Bool, Int, Enum, Level, Cpu, Ref, Optional, Struct, Array, Set, Queue, Spinlock, Mutex };

  struct Field {
    std::string name;
    ValueTypePtr type;
  };

  Kind kind = Kind::Bool;
  std::int64_t lo = 0;                 // Int: least value
  std::int64_t hi = 1;                 // Int: greatest value
  std::string name;                    // Enum, Struct: its name; Ref: the machine's or interface's name
  std::vector<std::string> names;      // Enum: the constants; Ref: paths of the targets; Level: by level
  std::vector<std::uint32_t> targets;  // Ref: instance indices that a value can name, in order of elaboration
  std::vector<Field> fields;           // Struct
  ValueTypePtr element;                // Optional, Array, Set, Queue
  ValueTypePtr index;                  // Array: a scalar type whose values index it (Int, Enum, Bool, Cpu, Ref, Level)
  std::uint32_t capacity = 0;          // Queue: greatest length
  std::uint32_t cpus = 1;              // Cpu: number of CPUs of the system
  bool wraps = false;                  // Int: what is stored in it is taken modulo the size of lo..hi
};

inline constexpr std::int64_t kMaxSlots = 255;  // activations of all contexts of a system

/// The number of consecutive cells that a value of `type` takes. O(size of the type).
std::uint32_t cell_count(const ValueType& type);

/// Whether a value of `type` is one cell by its kind: Bool .. Ref, Mutex, or an Optional of Bool .. Ref. A Struct,
/// Array, Set or Queue never is, however small.
bool is_scalar(const ValueType& type);

/// The number of values of a scalar, non-optional type (Int, Enum, Bool, Level, Cpu, Ref).
std::int64_t value_count(const ValueType& type);

/// The cell value of the `position`-th value (from 0) of a scalar, non-optional type: lo + position for
/// Int, position for Bool, Enum and Level, position + 1 for Cpu, targets[position] + 1 for Ref.
std::int64_t value_at(const ValueType& type, std::int64_t position);

/// The inverse of value_at.
std::int64_t position_of(const ValueType& type, std::int64_t value);

/// The least and greatest number that a one-cell value (see is_scalar) may hold, null and rest values included.
/// A type does not know how many slots its system has: a Mutex is 0..kMaxSlots here, its cell 0..slots.
struct Domain {
  std::int64_t lo = 0;
  std::int64_t hi = 1;
};
Domain domain_of(const ValueType& scalar);

/// The rest values of the cells of `type`, in order.
std::vector<std::int64_t> rest_values(const ValueType& type);

/// The cell value that means null in a one-cell Optional of `element` (see the table above).
std::int64_t null_value(const ValueType& element);

/// The value in `cells` (cell_count(type) numbers from `cells`) as the user writes it: "[a, b]" for queues,
/// "{a}" for sets, enum names, instance paths, "null", "cpu 0", level names, "free" or "held" for locks.
std::string format_value(const ValueType& type, const std::int32_t* cells);

}  // namespace quiesce::model
