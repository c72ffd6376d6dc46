-- N connectors, each of which may connect to any other: the transition system of connectors.qsm, one guarded step a rule.
const N: 5;

type
  connector: 1 .. N;
  stage_t: enum { free, asking, joined, closing };

var
  stage: array [connector] of stage_t;
  peer: array [connector] of 0 .. N; -- 0: none

startstate "start"
begin
  for i: connector do
    stage[i] := free;
    peer[i] := 0;
  end;
end;

ruleset i: connector; j: connector do
  rule "ask" i != j & stage[i] = free ==> begin stage[i] := asking; peer[i] := j; end;
  rule "accept" i != j & stage[i] = free & stage[j] = asking & peer[j] = i ==> begin stage[i] := joined; peer[i] := j; end;
end;

ruleset i: connector do
  rule "cancel" stage[i] = asking & peer[peer[i]] != i ==> begin stage[i] := free; peer[i] := 0; end;
  rule "join" stage[i] = asking & stage[peer[i]] = joined & peer[peer[i]] = i ==> begin stage[i] := joined; end;
  rule "close" stage[i] = joined & stage[peer[i]] = joined ==> begin stage[i] := closing; end;
  rule "follow" stage[i] = joined & stage[peer[i]] = closing ==> begin stage[i] := closing; end;
  rule "part" stage[i] = closing & stage[peer[i]] = closing ==> begin
    stage[peer[i]] := free;
    peer[peer[i]] := 0;
    stage[i] := free;
    peer[i] := 0;
  end;
end;

invariant "mutual" forall i: connector do stage[i] = joined | stage[i] = closing -> peer[i] != 0 & peer[peer[i]] = i end;
invariant "free alone" forall i: connector do stage[i] = free -> peer[i] = 0 end;
