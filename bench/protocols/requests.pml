/* N clients send requests through a queue to a device that completes them through a second queue: the transition system
 * of requests.qsm, one guarded step an option. spin -DN=4 -a requests.pml
 */
#ifndef N
#define N 4
#endif

#define READY 0
#define BUILT 1
#define SENT 2
#define DONE 3

byte stage[N];
bool cancelled[N];
byte current; /* 0: none; i + 1: client i */
chan waiting = [4] of { byte };
chan completed = [3] of { byte };

#define CLIENT(i) \
  :: d_step { stage[i] == READY -> stage[i] = BUILT } \
  :: d_step { stage[i] == BUILT -> stage[i] = READY } \
  :: d_step { stage[i] == BUILT && nfull(waiting) -> stage[i] = SENT; waiting!(i + 1) } \
  :: d_step { stage[i] == SENT && !cancelled[i] -> cancelled[i] = true } \
  :: d_step { stage[i] == DONE -> stage[i] = READY; cancelled[i] = false } \
  :: d_step { cancelled[i] && stage[i] < SENT -> assert(false) } \
  :: d_step { stage[i] == SENT && current != i + 1 && !waiting??[eval(i + 1)] && !completed??[eval(i + 1)] -> \
       assert(false) }

#define DELIVER(i) :: d_step { completed?[eval(i + 1)] -> completed?eval(i + 1); stage[i] = DONE }

active proctype system() {
  do
  CLIENT(0) DELIVER(0)
#if N > 1
  CLIENT(1) DELIVER(1)
#endif
#if N > 2
  CLIENT(2) DELIVER(2)
#endif
#if N > 3
  CLIENT(3) DELIVER(3)
#endif
#if N > 4
  CLIENT(4) DELIVER(4)
#endif
#if N > 5
  CLIENT(5) DELIVER(5)
#endif
#if N > 6
  CLIENT(6) DELIVER(6)
#endif
  :: d_step { current == 0 && nempty(waiting) -> waiting?current }
  :: d_step { current != 0 && nfull(completed) -> completed!current; current = 0 }
  od
}
