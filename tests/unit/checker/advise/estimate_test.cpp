// How often the truth lies inside the range: on the layers of searches of real designs (every fourteenth of those that
// the header speaks of).
#include "checker/advise/estimate.h"

#include <numeric>

#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

using Layers = std::vector<std::uint64_t>;

// clang-format off
const std::vector<Layers> kSearches = {
    // devicetopology/designs/connect.qsm
    {1, 4, 10, 18, 27, 36, 45, 54, 64, 78, 96, 117, 138, 159, 176, 189, 199, 205, 206, 205, 203, 199, 189, 174, 153, 127, 98, 70, 46, 28, 14, 5, 1},
    // parallel/designs/free_in_dpc.qsm
    {1, 2, 2, 2, 2, 2, 2, 3, 4, 4, 4, 4, 4, 5, 6, 8, 9, 10, 11, 12, 14, 14, 14, 14, 14, 14, 13, 12, 12, 13, 13, 13, 12, 11, 10, 10, 9, 9, 9, 9, 10, 11, 11, 11, 11, 11, 11, 11, 13, 14, 14, 14, 14, 17, 19, 21, 24, 26, 28, 32, 36, 41, 44, 48, 51, 51, 50, 50, 50, 50, 50, 50, 50, 47, 45, 45, 43, 40, 37, 34, 29, 24, 22, 21, 20, 20, 17, 14, 11, 9, 7, 6, 6, 6, 6, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 1, 1},
    // parallel/designs/results.qsm
    {1, 4, 9, 16, 26, 42, 70, 118, 191, 294, 431, 596, 766, 895, 953, 936, 856, 756, 662, 576, 510, 463, 421, 373, 323, 281, 240, 193, 147, 109, 79, 60, 53, 52, 51, 48, 43, 36, 27, 16, 6, 1},
    // parallel/designs/wrong_context.qsm
    {1, 2, 2, 2, 2, 2, 2, 2, 3, 4, 4, 4, 4, 4, 5, 6, 7, 8, 10, 13, 16, 20, 25, 30, 36, 43, 49, 55, 59, 62, 65, 68, 70, 71, 72, 74, 83, 94, 102, 108, 116, 124, 133, 143, 153, 159, 166, 175, 177, 175, 173, 175, 181, 176, 161, 151, 144, 138, 139, 136, 131, 126, 122, 114, 98, 82, 68, 59, 49, 42, 38, 36, 33, 29, 26, 21, 16, 12, 9, 6, 4, 3, 2, 2, 2, 2, 2, 1},
    // portabledevice/designs/several_requests.qsm
    {1, 3, 5, 7, 9, 13, 21, 31, 41, 53, 73, 101, 127, 147, 167, 193, 221, 241, 253, 263, 273, 283, 291, 297, 308, 324, 338, 345, 343, 333, 317, 293, 263, 235, 213, 193, 165, 133, 105, 79, 53, 28, 8},
    // portcls/designs/built_late.qsm
    {1, 3, 7, 13, 21, 30, 39, 48, 59, 73, 91, 112, 131, 146, 156, 162, 168, 178, 187, 190, 182, 168, 156, 150, 148, 149, 152, 152, 151, 149, 149, 150, 150, 145, 134, 114, 87, 62, 37, 15, 3},
    // portcls/designs/connected_in_d3.qsm
    {1, 4, 9, 16, 24, 32, 40, 47, 56, 69, 86, 108, 131, 158, 191, 227, 263, 300, 330, 356, 379, 394, 402, 403, 410, 428, 452, 462, 461, 468, 489, 512, 537, 560, 575, 582, 562, 511, 439, 373, 334, 320, 316, 318, 320, 316, 304, 289, 275, 260, 238, 219, 209, 199, 188, 174, 154, 125, 95, 78, 76, 76, 73, 68, 61, 55, 51, 46, 43, 41, 36, 31, 27, 23, 20, 17, 14, 12, 9, 6, 5, 5, 5, 3, 1, 1, 1, 1, 1, 1},
    // portcls/designs/free_stream_before_dpc.qsm
    {1, 2, 2, 3, 4, 5, 5, 4, 4, 6, 7, 6, 5, 4, 4, 4, 5, 6, 6, 6, 6, 6, 7, 9, 11, 12, 12, 12, 11, 11, 11, 10, 9, 10, 13, 18, 24, 29, 33, 37, 39, 40, 43, 46, 48, 52, 57, 61, 64, 66, 67, 65, 61, 56, 51, 48, 48, 49, 51, 55, 56, 57, 59, 62, 65, 69, 73, 77, 84, 91, 95, 95, 91, 84, 76, 68, 60, 52, 44, 38, 34, 32, 32, 33, 34, 35, 36, 35, 34, 33, 31, 28, 23, 16, 9, 4, 1},
    // portcls/designs/normal_mode_two_sources.qsm
    {1, 4, 7, 8, 8, 8, 9, 10, 9, 8, 9, 11, 11, 9, 7, 6, 9, 14, 23, 33, 41, 46, 45, 43, 43, 49, 64, 82, 93, 96, 96, 106, 117, 134, 149, 161, 168, 161, 150, 142, 139, 154, 175, 186, 187, 185, 187, 188, 197, 192, 176, 155, 129, 111, 91, 73, 59, 55, 57, 61, 64, 64, 63, 61, 61, 65, 66, 69, 67, 58, 46, 38, 31, 25, 18, 11, 8, 8, 6, 6, 5, 3, 2, 2, 2, 2, 2, 2, 1},
    // portcls/designs/release_without_disconnect.qsm
    {1, 4, 9, 16, 24, 32, 40, 47, 56, 69, 86, 106, 121, 129, 134, 138, 144, 154, 164, 170, 168, 158, 150, 150, 156, 162, 163, 162, 163, 166, 173, 178, 174, 164, 144, 116, 87, 62, 37, 15, 3},
    // systems/designs/audio_and_network.qsm
    {1, 4, 9, 18, 32, 49, 67, 87, 108, 128, 150, 173, 195, 218, 241, 262, 285, 310, 331, 348, 360, 367, 370, 372, 373, 369, 361, 353, 348, 344, 339, 332, 320, 302, 280, 255, 227, 194, 157, 118, 82, 56, 41, 32, 23, 13, 5, 1},
    // systems/designs/bus_restart.qsm
    {1, 3, 4, 4, 6, 9, 9, 8, 10, 14, 19, 27, 36, 44, 51, 59, 70, 80, 86, 87, 89, 102, 127, 161, 201, 243, 286, 332, 380, 424, 461, 496, 531, 560, 577, 586, 601, 628, 661, 694, 724, 750, 775, 800, 819, 830, 839, 848, 847, 825, 782, 727, 668, 608, 549, 494, 447, 411, 384, 358, 328, 298, 273, 249, 218, 181, 145, 111, 76, 43, 19, 6, 1},
    // systems/designs/port_and_card.qsm
    {1, 4, 8, 12, 18, 28, 42, 61, 86, 114, 142, 170, 200, 230, 258, 282, 302, 319, 332, 343, 354, 364, 370, 370, 361, 344, 326, 310, 289, 257, 214, 162, 107, 60, 28, 10, 2},
    // wdm/designs/button.qsm
    {1, 3, 8, 16, 27, 42, 55, 65, 74, 85, 103, 124, 139, 146, 139, 129, 123, 122, 127, 134, 135, 127, 115, 113, 117, 118, 115, 112, 116, 123, 128, 130, 127, 118, 110, 112, 125, 135, 136, 127, 112, 96, 85, 79, 77, 77, 77, 71, 60, 52, 49, 44, 36, 31, 31, 30, 24, 17, 12, 8, 4, 1},
    // wdm/designs/connect_before_init.qsm
    {1, 4, 9, 16, 25, 34, 44, 56, 69, 85, 108, 130, 152, 175, 194, 212, 234, 255, 271, 279, 277, 275, 267, 259, 255, 248, 239, 233, 224, 216, 206, 184, 161, 140, 121, 117, 119, 111, 96, 76, 54, 43, 42, 42, 39, 32, 26, 21, 18, 16, 14, 12, 9, 4, 1},
    // wdm/designs/drain_too_early.qsm
    {1, 2, 4, 5, 4, 3, 3, 5, 7, 9, 11, 13, 15, 19, 22, 26, 28, 28, 30, 32, 37, 40, 44, 49, 53, 60, 71, 83, 95, 109, 123, 133, 146, 169, 198, 238, 280, 322, 362, 400, 437, 475, 516, 552, 574, 588, 598, 610, 629, 654, 686, 722, 761, 803, 859, 934, 1015, 1088, 1144, 1181, 1203, 1211, 1215, 1218, 1220, 1216, 1208, 1202, 1206, 1222, 1247, 1278, 1308, 1331, 1340, 1339, 1330, 1309, 1268, 1209, 1141, 1073, 1012, 957, 911, 871, 836, 797, 753, 704, 653, 601, 550, 504, 463, 427, 392, 356, 318, 280, 243, 208, 176, 150, 132, 121, 113, 103, 89, 72, 54, 37, 22, 11, 4, 1},
    // wdm/designs/no_clear.qsm
    {1, 4, 9, 16, 25, 35, 45, 55, 64, 76, 90, 104, 113, 115, 116, 122, 131, 141, 146, 146, 142, 136, 128, 122, 119, 120, 120, 117, 111, 108, 105, 97, 86, 75, 68, 70, 74, 80, 87, 89, 88, 85, 80, 76, 71, 65, 59, 53, 50, 52, 54, 52, 46, 37, 27, 17, 9, 4, 1},
    // wdm/designs/silence_before_disconnect.qsm
    {1, 4, 9, 16, 25, 36, 50, 64, 84, 109, 135, 164, 196, 227, 254, 286, 335, 381, 405, 410, 398, 372, 338, 301, 255, 201, 152, 117, 93, 77, 60, 45, 38, 29, 22, 17, 12, 9, 7, 7, 7, 7, 6, 5, 2},
};
// clang-format on

TEST(Estimate, HasTheTruthInsideMostOfTheTime) {
  std::size_t asked = 0;
  std::size_t inside = 0;
  std::size_t narrow = 0;  // with what is known, within a factor of two
  for (const Layers& layers : kSearches) {
    for (std::size_t known = 1; known < layers.size(); ++known) {
      const auto end = layers.begin() + static_cast<std::ptrdiff_t>(known);
      const auto estimate = estimate_remaining({layers.begin(), end});
      if (!estimate) continue;
      const std::uint64_t found = std::accumulate(layers.begin(), end, std::uint64_t{0});
      const std::uint64_t left = std::accumulate(end, layers.end(), std::uint64_t{0});
      ++asked;
      if (estimate->low <= left && left <= estimate->high) ++inside;
      if (found + estimate->high <= 2 * (found + estimate->low)) ++narrow;
    }
  }
  EXPECT_GT(asked, 200u);
  EXPECT_GT(inside * 100, asked * 85) << inside << " of " << asked;
  EXPECT_GT(narrow * 100, asked * 60) << narrow << " of " << asked;
}

TEST(Estimate, SaysNothingWhileLevelsGrow) {
  EXPECT_EQ(estimate_remaining({}), std::nullopt);
  EXPECT_EQ(estimate_remaining({1, 2, 4, 8, 16, 32, 64, 128, 256, 512}), std::nullopt);
  EXPECT_EQ(estimate_remaining({1, 10, 100, 100, 100, 100, 100, 100, 100, 100}), std::nullopt);
  // A valley between two waves that rises again.
  EXPECT_EQ(estimate_remaining({1, 10, 50, 100, 80, 60, 40, 30, 40, 50, 60}), std::nullopt);
}

TEST(Estimate, DoesNotTakeAValleyBetweenWavesForTheEnd) {
  // tests/cli/designs/explodes.qsm: more and more waves, a thousand layers long.
  const Layers waves = {1,    3,    6,    13,   30,   60,   114,  174,  192,  210, 339,  519,
                        582,  546,  474,  447,  676,  1030, 1144, 1054, 880,  772, 1123, 1702,
                        1870, 1687, 1342, 1063, 1458, 2205, 2412, 2157, 1680, 1266};
  for (auto end = waves.begin(); end != waves.end(); ++end) {
    EXPECT_EQ(estimate_remaining({waves.begin(), end}), std::nullopt) << end - waves.begin();
  }
}

TEST(Estimate, KnowsAGeometricTail) {
  const auto estimate = estimate_remaining({1, 4, 16, 64, 256, 1024, 512, 256, 128, 64});
  ASSERT_TRUE(estimate.has_value());
  EXPECT_LE(estimate->low, 64u);  // 32 + 16 + ... = 63
  EXPECT_GE(estimate->high, 63u);
  EXPECT_LT(estimate->high, 300u);
}

TEST(Estimate, TakesWhatIsFoundOfTheNextLevelAway) {
  const Layers complete = {1, 4, 16, 64, 256, 1024, 512, 256, 128, 64};
  const auto whole = estimate_remaining(complete);
  Layers now = complete;
  now.push_back(20);
  const auto rest = estimate_remaining_now(now);
  ASSERT_TRUE(whole && rest);
  EXPECT_EQ(rest->high, whole->high - 20);
  now.back() = 100'000;
  EXPECT_EQ(estimate_remaining_now(now), (RemainingStates{0, 0}));
  EXPECT_EQ(estimate_remaining_now({}), std::nullopt);
}

}  // namespace
}  // namespace quiesce::checker
