module mmu

go 1.26
