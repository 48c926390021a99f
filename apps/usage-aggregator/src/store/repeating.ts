/** MongoDB's E11000. */
const duplicateKey = 11_000;

/**
 * Two that insert the same thing at once end in a duplicate key for one of them; run again, it finds what the other
 * wrote. `write` must be safe to repeat. Throws the error of the tenth try.
 */
export async function repeatingOnDuplicate<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if ((error as { code?: unknown }).code !== duplicateKey || attempt === 10) throw error;
    }
  }
}
