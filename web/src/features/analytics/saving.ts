/** Reports to take along: the service's CSV as it is, its drawing as a picture. */

import { type Period, reportFile } from "./queries";

// Sharp on a slide, whatever screen it was made on.
const SCALE = 2;

export async function saveCsv(project: string, report: string, period: Period): Promise<void> {
  save(await reportFile(project, report, period, "csv"), `${project}-${report}.csv`);
}

export async function savePng(project: string, report: string, period: Period): Promise<void> {
  const drawing = await reportFile(project, report, period, "svg");
  save(await pictureOf(drawing), `${project}-${report}.png`);
}

async function pictureOf(svg: Blob): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * SCALE;
    canvas.height = image.naturalHeight * SCALE;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob === null ? reject(new Error("no picture")) : resolve(blob)), "image/png");
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
