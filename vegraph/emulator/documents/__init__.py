"""The emulators' own CSDL documents: facts as text, and what is written from them."""
