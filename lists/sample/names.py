"""First and last names, common ones of each country, joined at random: no person is meant."""

from __future__ import annotations

FIRST_NAMES = {
    "US": "Olivia Liam Emma Noah Ava Mason Sophia Ethan Isabella Logan Mia Lucas Harper Aiden Evelyn Carter "
    "Abigail Wyatt Ella Julian Scarlett Levi Grace Hudson Chloe Isaac Nora Miles Zoey Caleb",
    "CA": "Amélie Liam Chloé Nathan Maya Étienne Sarah Félix Hannah Owen Léa Dylan Claire Simon Aurora Gabriel",
    "GU": "Tasi Ana Jesse Maria Kiko Rosa Juan Teresita Pedro Isa Vicente Carmen Joaquin Lourdes",
    "GB": "Amelia Oliver Isla George Freya Harry Poppy Alfie Florence Archie Evie Callum Rhiannon Rory "
    "Niamh Gethin Imogen Ewan Beatrice Rhys",
    "DE": "Mia Ben Hannah Paul Jürgen Sabine Lukas Käthe Jonas Heike Finn Ursula Matthias Anke Jörg Lena "
    "Björn Silke",
    "SE": "Alice Åsa Lars Elsa Östen Maja Gösta Ebba Björn Saga Håkan Linnéa Göran Märta Nils Ingrid",
    "FR": "Zoë Léa Hugo Chloé Jules Inès Gaspard Maëlle Théo Noémie Raphaël Élise François Margaux Loïc Agnès",
    "AU": "Charlotte Jack Matilda Cooper Ruby Lachlan Sienna Angus Willow Flynn Zara Hamish Piper Jarrah "
    "Tilly Bruce",
}

LAST_NAMES = {
    "US": "Walker Bennett Rivera Coleman Brooks Sanders Price Hughes Foster Simmons Bryant Hayes Griffin "
    "Fields Ortiz Marsh Pruitt Holloway Vega Lindgren Okafor Tran Weaver Stroud",
    "CA": "Tremblay Gagnon MacDonald Roy Campbell Bouchard Fraser Gauthier Sinclair Pelletier Singh Leblanc "
    "Wong Morin",
    "GU": "Cruz Santos Quichocho Taitano Perez Mendiola Chargualaf Aguon Borja Camacho Naputi Sablan",
    "GB": "Ashdown Carmichael Pryce Thornbury Whitlock Okoro Hargreaves Llewellyn Kerr Baxter Dunmore "
    "Fairclough Patel Redmayne Sutcliffe Wren",
    "DE": "Müller Schröder Köhler Weiß Bäcker Vogel Krüger Yılmaz Brandt Jäger Lorenz Böhm Seidel Kühn Arndt Pohl",
    "SE": "Lindqvist Åkesson Sjöberg Öberg Nyström Bergman Häggström Ekdahl Lund Wahlström Sandin Norén",
    "FR": "Lefèvre Moreau Garnier Chevalier Rousseau Benoît Lemaître Faure Perrin Dubreuil Nguyen Besson "
    "Coulon Haddad",
    "AU": "McKenzie Nguyen O'Brien Fitzroy Kelleher Doyle Papadopoulos Hartigan Wattle Bannister Quinn "
    "Lowry Singh Trent",
}

PRODUCTS = ("broadband", "home insurance", "solar panels", "magazine", "mobile plan", "energy")
