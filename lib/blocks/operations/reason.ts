/** Whether a reason has fewer than six words: nobody could sign it. */
export function isTooShort(reason: string): boolean {
  return reason.trim().split(/\s+/).length < 6;
}
