/** What the form of a template holds. */
export interface TemplateValues {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly body: string;
  /** What each gap is shown with, by its name. */
  readonly samples: Readonly<Record<string, string>>;
}
