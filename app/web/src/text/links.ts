/** Links that others have written: only http and https, and only as what they are. */

/** The address if it may be followed, relative ones resolved here; null for any other scheme or what is no address. */
export function safeLink(address: string, base: string): string | null {
  if (address === "") return null;
  try {
    const url = new URL(address, base);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}
