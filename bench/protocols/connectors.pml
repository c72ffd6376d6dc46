/* N connectors, each of which may connect to any other: the transition system of connectors.qsm, one guarded step an
 * option. spin -DN=5 -a connectors.pml
 */
#ifndef N
#define N 5
#endif

#define FREE 0
#define ASKING 1
#define JOINED 2
#define CLOSING 3

byte stage[N];
byte peer[N]; /* 0: none; j + 1: connector j */

#define PEER(i) (peer[i] - 1)

#define PAIR(i, j) \
  :: d_step { stage[i] == FREE -> stage[i] = ASKING; peer[i] = j + 1 } \
  :: d_step { stage[i] == FREE && stage[j] == ASKING && peer[j] == i + 1 -> stage[i] = JOINED; peer[i] = j + 1 }

#define CONNECTOR(i) \
  :: d_step { stage[i] == ASKING && peer[PEER(i)] != i + 1 -> stage[i] = FREE; peer[i] = 0 } \
  :: d_step { stage[i] == ASKING && stage[PEER(i)] == JOINED && peer[PEER(i)] == i + 1 -> stage[i] = JOINED } \
  :: d_step { stage[i] == JOINED && stage[PEER(i)] == JOINED -> stage[i] = CLOSING } \
  :: d_step { stage[i] == JOINED && stage[PEER(i)] == CLOSING -> stage[i] = CLOSING } \
  :: d_step { stage[i] == CLOSING && stage[PEER(i)] == CLOSING -> \
       stage[PEER(i)] = FREE; peer[PEER(i)] = 0; stage[i] = FREE; peer[i] = 0 } \
  :: d_step { !((stage[i] < JOINED || (peer[i] != 0 && peer[PEER(i)] == i + 1)) && (stage[i] != FREE || peer[i] == 0)) -> \
       assert(false) }

active proctype system() {
  do
  CONNECTOR(0)
  CONNECTOR(1)
  PAIR(0, 1) PAIR(1, 0)
#if N > 2
  CONNECTOR(2)
  PAIR(0, 2) PAIR(2, 0) PAIR(1, 2) PAIR(2, 1)
#endif
#if N > 3
  CONNECTOR(3)
  PAIR(0, 3) PAIR(3, 0) PAIR(1, 3) PAIR(3, 1) PAIR(2, 3) PAIR(3, 2)
#endif
#if N > 4
  CONNECTOR(4)
  PAIR(0, 4) PAIR(4, 0) PAIR(1, 4) PAIR(4, 1) PAIR(2, 4) PAIR(4, 2) PAIR(3, 4) PAIR(4, 3)
#endif
#if N > 5
  CONNECTOR(5)
  PAIR(0, 5) PAIR(5, 0) PAIR(1, 5) PAIR(5, 1) PAIR(2, 5) PAIR(5, 2) PAIR(3, 5) PAIR(5, 3) PAIR(4, 5) PAIR(5, 4)
#endif
#if N > 6
  CONNECTOR(6)
  PAIR(0, 6) PAIR(6, 0) PAIR(1, 6) PAIR(6, 1) PAIR(2, 6) PAIR(6, 2) PAIR(3, 6) PAIR(6, 3) PAIR(4, 6) PAIR(6, 4) PAIR(5, 6) PAIR(6, 5)
#endif
#if N > 7
  CONNECTOR(7)
  PAIR(0, 7) PAIR(7, 0) PAIR(1, 7) PAIR(7, 1) PAIR(2, 7) PAIR(7, 2) PAIR(3, 7) PAIR(7, 3) PAIR(4, 7) PAIR(7, 4) PAIR(5, 7) PAIR(7, 5) PAIR(6, 7) PAIR(7, 6)
#endif
  od
}
