-- A level-triggered interrupt line that N devices share: the transition system of shared_line.qsm, one guarded step a
-- rule. The number of states is that of `quiesce check --plain -D n=3`.
const N: 3;

type
  device: 0 .. N - 1;
  phase_t: enum { stopped, connected, enabled, quiescing };
  dpc_t: enum { idle, queued, active };

var
  phase: array [device] of phase_t;
  dpc: array [device] of dpc_t;
  asserting: array [device] of boolean;
  work: array [device] of boolean;
  asked: 0 .. N;
  claimed: boolean;

startstate "start"
begin
  for i: device do
    phase[i] := stopped;
    dpc[i] := idle;
    asserting[i] := false;
    work[i] := false;
  end;
  asked := 0;
  claimed := false;
end;

ruleset i: device do
  rule "connect" phase[i] = stopped ==> begin phase[i] := connected; end;
  rule "enable" phase[i] = connected ==> begin phase[i] := enabled; end;
  rule "quiesce" phase[i] = enabled ==> begin phase[i] := quiescing; asserting[i] := false; end;
  rule "disconnect" phase[i] = quiescing & asked != i + 1 & dpc[i] = idle ==> begin phase[i] := stopped; end;
  rule "ring" phase[i] = enabled & !asserting[i] ==> begin asserting[i] := true; end;
  rule "serve" asked = i + 1 & asserting[i] ==> begin
    asserting[i] := false;
    if dpc[i] = idle then dpc[i] := queued; end;
    claimed := true;
    if i + 1 < N then asked := i + 2; else asked := 0; end;
  end;
  rule "decline" asked = i + 1 & !asserting[i] ==> begin
    if i + 1 < N then asked := i + 2; else asked := 0; end;
  end;
  rule "begin_dpc" dpc[i] = queued ==> begin dpc[i] := active; end;
  rule "end_dpc" dpc[i] = active & !work[i] ==> begin dpc[i] := idle; work[i] := true; end;
  rule "take" work[i] ==> begin work[i] := false; end;
end;

rule "begin_pass" asked = 0 & (exists i: device do asserting[i] end) ==> begin
  asked := 1;
  claimed := false;
end;

invariant "quiet when stopped" forall i: device do phase[i] = stopped -> !asserting[i] & dpc[i] = idle end;
invariant "rings when enabled" forall i: device do asserting[i] -> phase[i] = enabled end;
invariant "not served while stopped" forall i: device do !(asked = i + 1 & asserting[i] & phase[i] = stopped) end;
invariant "begins unclaimed" asked = 1 -> !claimed;
