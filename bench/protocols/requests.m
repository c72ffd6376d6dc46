-- N clients send requests through a queue to a device that completes them through a second queue: the transition system
-- of requests.qsm, one guarded step a rule. Places of a queue past its length hold 0.
const N: 4;

type
  client: 1 .. N;
  stage_t: enum { ready, built, sent, done };

var
  stage: array [client] of stage_t;
  cancelled: array [client] of boolean;
  current: 0 .. N;
  waiting: array [0 .. 3] of 0 .. N;
  waiting_length: 0 .. 4;
  completed: array [0 .. 2] of 0 .. N;
  completed_length: 0 .. 3;

startstate "start"
begin
  for i: client do
    stage[i] := ready;
    cancelled[i] := false;
  end;
  current := 0;
  for k := 0 to 3 do waiting[k] := 0; end;
  waiting_length := 0;
  for k := 0 to 2 do completed[k] := 0; end;
  completed_length := 0;
end;

ruleset i: client do
  rule "build" stage[i] = ready ==> begin stage[i] := built; end;
  rule "drop" stage[i] = built ==> begin stage[i] := ready; end;
  rule "send" stage[i] = built & waiting_length != 4 ==> begin
    stage[i] := sent;
    waiting[waiting_length] := i;
    waiting_length := waiting_length + 1;
  end;
  rule "cancel" stage[i] = sent & !cancelled[i] ==> begin cancelled[i] := true; end;
  rule "look" stage[i] = done ==> begin stage[i] := ready; cancelled[i] := false; end;
end;

rule "take" current = 0 & waiting_length != 0 ==> begin
  current := waiting[0];
  waiting[0] := waiting[1];
  waiting[1] := waiting[2];
  waiting[2] := waiting[3];
  waiting[3] := 0;
  waiting_length := waiting_length - 1;
end;
rule "complete" current != 0 & completed_length != 3 ==> begin
  completed[completed_length] := current;
  completed_length := completed_length + 1;
  current := 0;
end;
rule "deliver" completed_length != 0 ==> begin
  stage[completed[0]] := done;
  completed[0] := completed[1];
  completed[1] := completed[2];
  completed[2] := 0;
  completed_length := completed_length - 1;
end;

invariant "cancels what was sent" forall i: client do cancelled[i] -> stage[i] = sent | stage[i] = done end;
invariant "sent is somewhere" forall i: client do
  stage[i] = sent -> current = i | (exists k: 0 .. 3 do waiting[k] = i end) | (exists k: 0 .. 2 do completed[k] = i end)
end;
