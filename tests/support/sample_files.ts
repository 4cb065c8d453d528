// The smallest files that show by their bytes what they are.
import { Buffer } from "node:buffer";

/** An Ogg file whose first packet begins with these bytes; its codec is read from them. */
export function oggFile(packet: string): Buffer {
  const head = Buffer.from(packet, "latin1");
  const page = Buffer.alloc(28);
  page.write("OggS");
  page[5] = 2; // first page
  page[26] = 1;
  page[27] = head.length;
  return Buffer.concat([page, head]);
}

export const OPUS = oggFile("OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0");
export const VORBIS = oggFile("\x01vorbis\0\0\0\0\x02\x44\xac\0\0\0\0\0\0\x80\xb5\x01\0\0\0\0\0\xb8\x01");

/** An EBML file of this type: `matroska` or `webm`. */
export function ebmlFile(docType: string): Buffer {
  const element = (id: string, value: Buffer) =>
    Buffer.concat([Buffer.from(id, "hex"), Buffer.from([0x80 | value.length]), value]);
  return element("1a45dfa3", element("4282", Buffer.from(docType)));
}

/** A ZIP archive of these files, not compressed. */
export function zipFile(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt32LE(crc32(bytes), 10);
    head.writeUInt32LE(bytes.length, 14);
    head.writeUInt32LE(bytes.length, 18);
    head.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("504b0304", "hex"), head, Buffer.from(name), bytes]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("504b01021400", "hex"), head, place, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const size = central.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.write("504b0506", "hex");
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...central, end]);
}

/** A Word document, which is an archive. */
export const DOCX = zipFile({
  "[Content_Types].xml":
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.' +
    'wordprocessingml.document.main+xml"/></Types>',
  "word/document.xml": "<w:document/>",
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
