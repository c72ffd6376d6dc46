-- A driver with N deferred calls is torn down while timers still queue them, on two CPUs: the transition system of
-- teardown.qsm, one guarded step a rule.
const N: 2;

type
  call: 1 .. N;
  processor: 1 .. 2;
  phase_t: enum { open, closing, cancelled, freed };

var
  phase: phase_t;
  runs: array [processor] of 0 .. N;
  step: array [processor] of 0 .. 2;
  queued_on: array [call] of 0 .. 2;
  armed: array [call] of boolean;
  wanted: array [call] of boolean;

startstate "start"
begin
  phase := open;
  for c: processor do
    runs[c] := 0;
    step[c] := 0;
  end;
  for i: call do
    queued_on[i] := 0;
    armed[i] := false;
    wanted[i] := false;
  end;
end;

ruleset c: processor do
  rule "first" runs[c] != 0 & step[c] = 0 ==> begin step[c] := 1; end;
  rule "second" runs[c] != 0 & step[c] = 1 ==> begin step[c] := 2; end;
  rule "finish" runs[c] != 0 & step[c] = 2 ==> begin runs[c] := 0; step[c] := 0; end;
end;

ruleset i: call do
  rule "want" !wanted[i] & phase = open ==> begin wanted[i] := true; end;
  rule "arm" wanted[i] & !armed[i] & phase = open ==> begin armed[i] := true; wanted[i] := false; end;
  rule "expire_1" armed[i] & queued_on[i] = 0 ==> begin armed[i] := false; queued_on[i] := 1; end;
  rule "expire_2" armed[i] & queued_on[i] = 0 ==> begin armed[i] := false; queued_on[i] := 2; end;
  rule "coalesce" armed[i] & queued_on[i] != 0 ==> begin armed[i] := false; end;
  rule "begin_1" queued_on[i] = 1 & runs[1] = 0 ==> begin queued_on[i] := 0; runs[1] := i; end;
  rule "begin_2" queued_on[i] = 2 & runs[2] = 0 ==> begin queued_on[i] := 0; runs[2] := i; end;
  rule "cancel" phase = closing & armed[i] ==> begin armed[i] := false; end;
  rule "take_back" phase = cancelled & queued_on[i] != 0 ==> begin queued_on[i] := 0; end;
  rule "forget" phase != open & wanted[i] ==> begin wanted[i] := false; end;
end;

rule "close" phase = open ==> begin phase := closing; end;
rule "all_cancelled" phase = closing & (forall i: call do !armed[i] end) ==> begin phase := cancelled; end;
rule "free" phase = cancelled & runs[1] = 0 & runs[2] = 0 & (forall i: call do queued_on[i] = 0 end) ==> begin
  phase := freed;
end;
rule "open_again" phase = freed ==> begin phase := open; end;

invariant "rests" forall c: processor do runs[c] = 0 -> step[c] = 0 end;
invariant "not used after free" forall i: call do !(phase = freed & (armed[i] | queued_on[i] != 0)) end;
invariant "nothing runs after free" !(phase = freed & (runs[1] != 0 | runs[2] != 0));
