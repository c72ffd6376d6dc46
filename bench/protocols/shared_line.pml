/* A level-triggered interrupt line that N devices share: the transition system of shared_line.qsm, one guarded step an
 * option. spin -DN=3 -a shared_line.pml; the number of states is that of `quiesce check --plain -D n=3`.
 */
#ifndef N
#define N 3
#endif

/* phases */
#define STOPPED 0
#define CONNECTED 1
#define ENABLED 2
#define QUIESCING 3
/* deferred calls */
#define IDLE 0
#define QUEUED 1
#define ACTIVE 2

byte phase[N];
byte dpc[N];
bool asserting[N];
bool work[N];
byte asked;
bool claimed;

#define NEXT(i) (i + 1 < N -> i + 2 : 0)

#define DEVICE(i) \
  :: d_step { phase[i] == STOPPED -> phase[i] = CONNECTED } \
  :: d_step { phase[i] == CONNECTED -> phase[i] = ENABLED } \
  :: d_step { phase[i] == ENABLED -> phase[i] = QUIESCING; asserting[i] = false } \
  :: d_step { phase[i] == QUIESCING && asked != i + 1 && dpc[i] == IDLE -> phase[i] = STOPPED } \
  :: d_step { phase[i] == ENABLED && !asserting[i] -> asserting[i] = true } \
  :: d_step { asked == i + 1 && asserting[i] -> \
       asserting[i] = false; \
       if :: dpc[i] == IDLE -> dpc[i] = QUEUED :: else fi; \
       claimed = true; \
       asked = NEXT(i) } \
  :: d_step { asked == i + 1 && !asserting[i] -> asked = NEXT(i) } \
  :: d_step { dpc[i] == QUEUED -> dpc[i] = ACTIVE } \
  :: d_step { dpc[i] == ACTIVE && !work[i] -> dpc[i] = IDLE; work[i] = true } \
  :: d_step { work[i] -> work[i] = false } \
  :: d_step { !((phase[i] != STOPPED || (!asserting[i] && dpc[i] == IDLE)) && (!asserting[i] || phase[i] == ENABLED) && \
       !(asked == i + 1 && asserting[i] && phase[i] == STOPPED)) -> assert(false) }

#if N == 1
#define ANY asserting[0]
#elif N == 2
#define ANY (asserting[0] || asserting[1])
#elif N == 3
#define ANY (asserting[0] || asserting[1] || asserting[2])
#elif N == 4
#define ANY (asserting[0] || asserting[1] || asserting[2] || asserting[3])
#elif N == 5
#define ANY (asserting[0] || asserting[1] || asserting[2] || asserting[3] || asserting[4])
#else
#define ANY (asserting[0] || asserting[1] || asserting[2] || asserting[3] || asserting[4] || asserting[5])
#endif

active proctype system() {
  do
  DEVICE(0)
#if N > 1
  DEVICE(1)
#endif
#if N > 2
  DEVICE(2)
#endif
#if N > 3
  DEVICE(3)
#endif
#if N > 4
  DEVICE(4)
#endif
#if N > 5
  DEVICE(5)
#endif
  :: d_step { asked == 0 && ANY -> asked = 1; claimed = false }
  :: d_step { asked == 1 && claimed -> assert(false) }
  od
}
