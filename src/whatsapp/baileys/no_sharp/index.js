// Stands in for the 37 MB image library `sharp`, which Baileys would use for thumbnails only.
// Baileys imports it inside a try and goes on without it.
throw new Error("Cannot load sharp: Kabar makes no thumbnails");
