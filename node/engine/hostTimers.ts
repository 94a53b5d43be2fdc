import type { InputBody, ScheduleProposalEffect } from '../../consensus/types.js';
import type { RoundTimer } from './roundTimer.js';
import type { TimerHandle, Timers } from './timers.js';

/** The protocol's timers: one for the round, two for the next proposal, one for healing. */
export class HostTimers {
  private proposal: TimerHandle[] = [];
  private heal: TimerHandle | undefined;

  constructor(
    private readonly options: { readonly healMs: number },
    private readonly modules: {
      readonly timers: Timers;
      readonly round: RoundTimer;
      readonly give: (input: InputBody) => void;
    },
  ) {}

  get round(): RoundTimer {
    return this.modules.round;
  }

  startHealing(): void {
    this.heal = this.modules.timers.set(() => {
      this.startHealing();
      this.modules.give({ type: 'heal' });
    }, this.options.healMs);
  }

  scheduleProposal({ height, intervalMs, heartbeatMs }: ScheduleProposalEffect): void {
    this.cancelProposal();
    const { timers, give } = this.modules;
    const due = (reason: 'interval' | 'heartbeat') => () => give({ type: 'proposalDue', height, reason });
    this.proposal = [timers.set(due('heartbeat'), heartbeatMs)];
    // A timer takes a millisecond at least, which is time that a block under load does not have.
    if (intervalMs === 0) due('interval')();
    else this.proposal.push(timers.set(due('interval'), intervalMs));
  }

  private cancelProposal(): void {
    for (const timer of this.proposal) this.modules.timers.clear(timer);
    this.proposal = [];
  }

  stop(): void {
    this.round.cancel();
    this.cancelProposal();
    if (this.heal !== undefined) this.modules.timers.clear(this.heal);
  }
}
