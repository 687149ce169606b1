/** The data that the HTML report has inline: the one place of these tests that knows where it stands in the file. */

import type { PageData } from "../../../report/page/data.ts";

export function pageDataOf(html: string): PageData {
  const block = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
  return (JSON.parse(block) as { readonly data: PageData }).data;
}
