/** Texts by their SHA-256 (hex of the UTF-8 bytes). Puts go through `Storage.commit`. */
export type BlobStore = {
  get(hash: string): Promise<string | undefined>
  /** Erases the text, for example at its author's demand; whoever holds the hash can still tell that it is gone. */
  delete(hash: string): Promise<void>
}
