/* A driver with N deferred calls is torn down while timers still queue them, on two CPUs: the transition system of
 * teardown.qsm, one guarded step an option. spin -DN=2 -a teardown.pml
 */
#ifndef N
#define N 2
#endif

#define OPEN 0
#define CLOSING 1
#define CANCELLED 2
#define FREED 3

byte phase;
byte runs[2];
byte step[2];
byte queued_on[N];
bool armed[N];
bool wanted[N];

#define PROCESSOR(c) \
  :: d_step { runs[c] != 0 && step[c] == 0 -> step[c] = 1 } \
  :: d_step { runs[c] != 0 && step[c] == 1 -> step[c] = 2 } \
  :: d_step { runs[c] != 0 && step[c] == 2 -> runs[c] = 0; step[c] = 0 } \
  :: d_step { (runs[c] == 0 && step[c] != 0) || (phase == FREED && runs[c] != 0) -> assert(false) }

#define DEFERRED(i) \
  :: d_step { !wanted[i] && phase == OPEN -> wanted[i] = true } \
  :: d_step { wanted[i] && !armed[i] && phase == OPEN -> armed[i] = true; wanted[i] = false } \
  :: d_step { armed[i] && queued_on[i] == 0 -> armed[i] = false; queued_on[i] = 1 } \
  :: d_step { armed[i] && queued_on[i] == 0 -> armed[i] = false; queued_on[i] = 2 } \
  :: d_step { armed[i] && queued_on[i] != 0 -> armed[i] = false } \
  :: d_step { queued_on[i] == 1 && runs[0] == 0 -> queued_on[i] = 0; runs[0] = i + 1 } \
  :: d_step { queued_on[i] == 2 && runs[1] == 0 -> queued_on[i] = 0; runs[1] = i + 1 } \
  :: d_step { phase == CLOSING && armed[i] -> armed[i] = false } \
  :: d_step { phase == CANCELLED && queued_on[i] != 0 -> queued_on[i] = 0 } \
  :: d_step { phase != OPEN && wanted[i] -> wanted[i] = false } \
  :: d_step { phase == FREED && (armed[i] || queued_on[i] != 0) -> assert(false) }

#if N == 1
#define NONE_ARMED !armed[0]
#define NONE_QUEUED queued_on[0] == 0
#elif N == 2
#define NONE_ARMED !armed[0] && !armed[1]
#define NONE_QUEUED queued_on[0] == 0 && queued_on[1] == 0
#elif N == 3
#define NONE_ARMED !armed[0] && !armed[1] && !armed[2]
#define NONE_QUEUED queued_on[0] == 0 && queued_on[1] == 0 && queued_on[2] == 0
#elif N == 4
#define NONE_ARMED !armed[0] && !armed[1] && !armed[2] && !armed[3]
#define NONE_QUEUED queued_on[0] == 0 && queued_on[1] == 0 && queued_on[2] == 0 && queued_on[3] == 0
#else
#define NONE_ARMED !armed[0] && !armed[1] && !armed[2] && !armed[3] && !armed[4]
#define NONE_QUEUED queued_on[0] == 0 && queued_on[1] == 0 && queued_on[2] == 0 && queued_on[3] == 0 && queued_on[4] == 0
#endif

active proctype system() {
  do
  PROCESSOR(0)
  PROCESSOR(1)
  DEFERRED(0)
#if N > 1
  DEFERRED(1)
#endif
#if N > 2
  DEFERRED(2)
#endif
#if N > 3
  DEFERRED(3)
#endif
#if N > 4
  DEFERRED(4)
#endif
  :: d_step { phase == OPEN -> phase = CLOSING }
  :: d_step { phase == CLOSING && NONE_ARMED -> phase = CANCELLED }
  :: d_step { phase == CANCELLED && runs[0] == 0 && runs[1] == 0 && NONE_QUEUED -> phase = FREED }
  :: d_step { phase == FREED -> phase = OPEN }
  od
}
