/** What the one who runs a study gives it. */
export interface StudyContext {
  /** Aborted when the user asks to stop; what is finished is kept. */
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, what: string) => void;
  /** Folder of the technologies. */
  readonly templates: string;
}
