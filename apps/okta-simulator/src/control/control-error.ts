/** What was asked of the control door makes no sense. */
export class ControlError extends Error {}
